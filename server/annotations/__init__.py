"""Annotations on the time line: what happened on a day that explains its figures."""
