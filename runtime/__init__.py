"""What every process of ours needs, whichever room it belongs to: errors, settings, sockets, SQL."""
