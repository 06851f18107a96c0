"""How many counters a unit needs by weekday and hour, beside those planned and those open."""
