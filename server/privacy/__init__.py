"""Personal data: requests of the people they are about, breaches, and one officer's data."""
