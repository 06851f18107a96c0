"""What can be allowed; every route and stream declares one of these."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """One thing that a principal may do."""

    ANSWER_CONTESTS = "answer_contests"
    APPRAISE = "appraise"
    CLOSE_PERIODS = "close_periods"
    CONTEST = "contest"
    HANDLE_ALERTS = "handle_alerts"
    MANAGE_APPRAISALS = "manage_appraisals"
    MANAGE_DEVICES = "manage_devices"
    MANAGE_UNITS = "manage_units"
    RATE = "rate"
    READ_ACCOUNTS = "read_accounts"
    READ_ALERTS = "read_alerts"
    READ_APPRAISALS = "read_appraisals"
    READ_AUDIT = "read_audit"
    READ_CATALOGUE = "read_catalogue"
    READ_COMPLAINTS = "read_complaints"
    READ_CLOSINGS = "read_closings"
    READ_COMMENTS = "read_comments"
    READ_CONTESTS = "read_contests"
    READ_DEVICES = "read_devices"
    READ_DOSSIERS = "read_dossiers"
    READ_FIGURES = "read_figures"
    READ_HEALTH = "read_health"
    READ_MODELS = "read_models"
    READ_OFFICERS = "read_officers"
    READ_OWN_ACCOUNT = "read_own_account"
    READ_QUARANTINE = "read_quarantine"
    READ_SOURCES = "read_sources"
    READ_STAFF = "read_staff"
    READ_UNITS = "read_units"
    READ_WEBHOOKS = "read_webhooks"
    RELEASE_COMMENTS = "release_comments"
    SELF_SCORE = "self_score"
    SIGN_IN = "sign_in"
    WRITE_ACCOUNTS = "write_accounts"
    WRITE_ALERT_RULES = "write_alert_rules"
    WRITE_COMPLAINTS = "write_complaints"
    WRITE_DOSSIERS = "write_dossiers"
    WRITE_OWN_ACCOUNT = "write_own_account"
    WRITE_POINTS = "write_points"
    WRITE_STAFF = "write_staff"
    WRITE_WEBHOOKS = "write_webhooks"

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing."""
        return self.value.startswith("read_")


FOR_ANYONE = frozenset({Right.RATE, Right.READ_HEALTH, Right.READ_MODELS, Right.SIGN_IN})
"""What needs no sign-in. Who rates on a telephone shows a visit's token. Models are signed, and
devices fetch them before anybody knows them."""

FOR_KEYS = frozenset(
    {
        Right.READ_ALERTS,
        Right.READ_CATALOGUE,
        Right.READ_COMPLAINTS,
        Right.READ_CLOSINGS,
        Right.READ_DEVICES,
        Right.READ_DOSSIERS,
        Right.READ_FIGURES,
        Right.READ_QUARANTINE,
        Right.READ_SOURCES,
        Right.READ_UNITS,
        Right.WRITE_COMPLAINTS,
        Right.WRITE_DOSSIERS,
        Right.WRITE_STAFF,
    }
)
"""What a program's key may be given: it reads neither officers nor accounts."""

FOR_SCREENS = frozenset(
    {Right.READ_ALERTS, Right.READ_CATALOGUE, Right.READ_FIGURES, Right.READ_UNITS}
)
"""What a wall may do."""
