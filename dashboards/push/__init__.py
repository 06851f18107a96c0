"""Walls: screens that nobody touches, told by their address what to show."""
