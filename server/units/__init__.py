"""Offices: the tree with its days of validity."""
