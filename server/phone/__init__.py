"""Ratings on citizens' own telephones, and what they write beside them."""
