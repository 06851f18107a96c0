"""Devices and their latest health."""
