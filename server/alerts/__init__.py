"""Tells the right person early, once and with the reason when a figure leaves its usual range."""
