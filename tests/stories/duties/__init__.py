"""The weeks: what a key worker owes a placed pupil, on one list each morning, until it is done or somebody knows."""
