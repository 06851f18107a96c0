"""Administrative procedures and their families."""
