"""Desk pages: tables that people sort, filter and search; their state stands in the address."""
