"""Batches that clients may send again: the same key and content get the same answer."""
