"""What the API says of alerts: one of each state, one explained, the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from contract.readings import encode
from server.alerts.cards import card, with_history
from server.alerts.files import as_toml
from server.alerts.library import as_json, shipped

AT = datetime(2026, 11, 26, 3, tzinfo=UTC)
ALERT = "01890000-0000-7000-8000-00000000000a"
MESSAGE = "01890000-0000-7000-8000-00000000000b"
RULE = "satisfaction_fall"


def alert(unit: str | None, rule: str = "nobody_served", **values: Any) -> dict[str, Any]:
    """An alert as the API lists it."""
    own = shipped()[rule]
    made = {
        "id": ALERT,
        "rule": rule,
        "name_vi": own.name.vi,
        "name_en": own.name.en,
        "severity": str(own.severity),
        "state": "raised",
        "raised_at": AT.isoformat(),
        "changed_at": AT.isoformat(),
        "n": 2,
        "to": list(own.to),
        "measure": "count",
        "subjects": [],
    }
    told = made | ({"unit": unit} if unit else {}) | values
    return {name: value for name, value in told.items() if value is not None}


def explained(unit: str) -> dict[str, Any]:
    """An alert with why, of a hall in which nobody is served."""
    points = [
        {"at": (AT + timedelta(minutes=5 * n)).isoformat(), "value": float(max(n, 0)), "n": 1}
        for n in range(-24, 12)
    ]
    return {
        "alert": alert(unit, value=9.0),
        "chart": "threshold",
        "source": "nobody_served",
        "shows": "queue",
        "points": points,
        "usual": {"low": 1.0, "high": 4.0, "weeks": 8},
        "runbook": as_json(shipped()["nobody_served"])["runbook"],
        "similar": {"right": 3, "false": 1, "unjudged": 2, "right_here": 2, "false_here": 0},
        "steps": [
            {"number": 1, "step": "raised", "at": AT.isoformat(), "actor": "alerts", "note": ""},
            {
                "number": 2, "step": "snoozed", "at": AT.isoformat(), "actor": "truc",
                "note": "Đang cử người thay",
            },
        ],
        "messages": [
            {
                "id": MESSAGE, "step": 1, "channel": "sms", "created_at": AT.isoformat(),
                "attempts": 9, "problem": "refused with 503", "dead_at": AT.isoformat(),
            },
            {
                "id": MESSAGE[:-1] + "c", "step": 1, "channel": "truc-ban", "attempts": 1,
                "created_at": AT.isoformat(), "sent_at": AT.isoformat(), "receipt": "HTTP 202",
            },
        ],
    }  # fmt: skip


def answers(unit: str) -> Mapping[str, bytes]:
    """What is answered at each path below /api/v1."""
    listed = [
        alert(unit, value=9.0, given_up=1),
        alert(unit, "device_silent", subjects=["quay-1/edge-1"], state="assigned", assignee="truc"),
        alert(None, "ingest_behind", measure="seconds", value=180.0),
    ]
    rule = shipped()[RULE]
    change = {
        "number": 1,
        "changed_at": AT.isoformat(),
        "changed_by": "root",
        "reason": "Ít báo hơn",
        "toml": as_toml(rule),
    }
    told = {
        "alerts": {"computed_at": AT.isoformat(), "alerts": listed},
        f"alerts/{ALERT}": explained(unit),
        "alert-rules": [card(each, changed=False) for each in shipped().values()],
        f"alert-rules/{RULE}": with_history(rule, ()),
    }
    made = {path: encode(value) for path, value in told.items()}
    history = encode([change])
    made[f"alert-rules/{RULE}"] = made[f"alert-rules/{RULE}"].replace(
        b'"changes":[]', b'"changes":' + history
    )
    return made
