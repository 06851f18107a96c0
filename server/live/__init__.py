"""What changed, to whom it matters, as it happens."""
