"""Comparison of units of one kind by a share, with the uncertainty of each rank."""
