"""Complaints (PAKN) with their deadlines."""
