"""What every process of ours needs, whichever room it is in: errors, settings, sockets, SQL."""
