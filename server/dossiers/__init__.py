"""Dossiers: what systems state about them, their events, and the state that follows."""
