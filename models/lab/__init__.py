"""The laboratory: trains the bundled models and measures them beside others; no unit needs it."""
