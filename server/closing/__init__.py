"""Closed periods: figures that are signed, restated with a cause, and verified later."""
