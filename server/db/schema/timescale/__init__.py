"""Storage of the event tables where TimescaleDB is installed."""
