"""Legal classes of units and officers by schemes that are dated data, never code."""
