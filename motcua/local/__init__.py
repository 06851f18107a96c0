"""A database and a broker for one machine, started and stopped by whoever needs them."""
