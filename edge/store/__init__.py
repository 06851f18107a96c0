"""The device's storage: one SQLite file at which watch, kiosk and relay meet."""
