"""What could not be understood, kept with its reason."""
