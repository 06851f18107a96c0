"""The counter unit: watch, kiosk and relay, three processes that meet at one SQLite file."""
