"""Contests: objections to figures, ratings and classes, their answers and effects."""
