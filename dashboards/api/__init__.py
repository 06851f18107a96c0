"""The one client of the API: its stream for walls, its REST for desks."""
