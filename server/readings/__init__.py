"""Totals by scope and period turned into readings of the catalogue."""
