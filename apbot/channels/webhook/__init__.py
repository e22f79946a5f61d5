"""A signed webhook, for whatever apbot has no channel of its own for: Power Automate, a local authority's system."""
