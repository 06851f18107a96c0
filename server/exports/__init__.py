"""Figures for other systems: flat rows as JSON and CSV."""
