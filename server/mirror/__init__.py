"""The models that devices fetch from this server."""
