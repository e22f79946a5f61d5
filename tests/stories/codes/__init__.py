"""The day's codes: suggested to the school, confirmed or changed by it, and chased until every absence has a reason."""
