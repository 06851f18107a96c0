"""What can be allowed; every route and stream declares one of these."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """One thing that a principal may do."""

    MANAGE_DEVICES = "manage_devices"
    MANAGE_UNITS = "manage_units"
    READ_CATALOGUE = "read_catalogue"
    READ_DEVICES = "read_devices"
    READ_FIGURES = "read_figures"
    READ_HEALTH = "read_health"
    READ_MODELS = "read_models"
    READ_QUARANTINE = "read_quarantine"
    READ_SOURCES = "read_sources"
    READ_STAFF = "read_staff"
    READ_UNITS = "read_units"
    WRITE_COMPLAINTS = "write_complaints"
    WRITE_DOSSIERS = "write_dossiers"
    WRITE_STAFF = "write_staff"
