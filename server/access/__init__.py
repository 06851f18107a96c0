"""Who asks, what they may do, and the session they read or write with."""
