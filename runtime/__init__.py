"""What every process needs, whichever room it belongs to: errors, settings, sockets, SQL."""
