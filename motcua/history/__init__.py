"""A believable province with a year of history and planted truths, loaded in bulk."""
