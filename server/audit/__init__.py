"""What was done and seen: entries that are only added, and the chain that shows it."""
