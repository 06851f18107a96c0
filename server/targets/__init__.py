"""Targets of plans and decisions, with the days for which they hold: data, never code."""
