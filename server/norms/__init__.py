"""What is expected of an officer's work: the same procedures at the same hours, by everybody."""
