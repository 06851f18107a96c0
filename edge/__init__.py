"""The device at a counter: watch, kiosk and relay, three processes that meet at one SQLite file."""
