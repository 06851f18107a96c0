"""Tells receivers of figures as they change: signed, in order, at least once."""
