"""What an API answers about judgements, accounts and sources, with names that test pages."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from contract.access import Visitor
from contract.readings import encode
from dashboards.api.classes import Class, Classes, Points
from dashboards.api.planning import HourPlan, Planning, WeekPlan
from server.access.roles import ROLES, Role
from server.schemes.answers import listed
from server.schemes.library import SchemeSettings, load_schemes

AT = datetime(2026, 11, 2, 2, 30, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
"""A name that must stay text wherever it is shown."""
LONG = "Ủy ban " + "rất dài " * 36
"""A name of about 300 letters."""
APPRAISAL = "00000000-0000-7000-8000-000000000001"
CONTEST = "00000000-0000-7000-8000-0000000000c1"


def visitor(role: Role, *, name: str = "root") -> Visitor:
    """Somebody who holds a role in the whole province."""
    rights = {str(right): ("province",) for right in ROLES[role].rights}
    return Visitor(name=name, kind="account", full_name=f"Nguyễn Văn A ({role})", rights=rights)


EVERYTHING = Visitor(
    name="root",
    kind="trial",
    full_name="Mọi quyền",
    rights={str(right): ("province",) for role in ROLES.values() for right in role.rights},
)


def schemes() -> list[Any]:
    """The schemes that the server comes with."""
    return [listed(each) for each in load_schemes(SchemeSettings())]


def _scheme() -> Any:
    return next(each for each in schemes() if each.id == "qd766-2022")


def classes(units: Sequence[str]) -> Classes:
    """Points and classes of units by the scheme; one lacks a criterion, and so its class."""
    scheme, chance, told = _scheme(), random.Random(3), []
    for unit in units:
        points = {
            each.id: (each.maximum * Decimal(chance.randint(70, 100)) / 100).quantize(
                Decimal("0.1")
            )
            for each in scheme.criteria
        }
        missing = tuple([*points][:1]) if unit == units[0] else ()
        known = sum((each for name, each in points.items() if name not in missing), Decimal(0))
        total = None if missing else known
        bands = [each for each in scheme.bands if known >= each.first]
        told.append(
            Class(
                unit=unit,
                known=known,
                highest=known + sum(each.maximum for each in scheme.criteria if each.id in missing),
                missing=missing,
                criteria=tuple(
                    Points(
                        id=name, missing=name in missing, points=None if name in missing else each
                    )
                    for name, each in points.items()
                ),
                total=total,
                band=None if missing else bands[0].id,
            )
        )
    return Classes(
        scheme=scheme.id, version=1, period="2026-10", running=False, classes=tuple(told)
    )


def planning(seed: int) -> Planning:
    """The counters that each hour of a week needs."""
    chance, hours = random.Random(seed), []
    for weekday in range(1, 6):
        for hour in (7, 8, 9, 10, 13, 14, 15, 16):
            needed = chance.randint(1, 6)
            served = max(0.5, needed + chance.uniform(-1.5, 1.0))
            hours.append(
                HourPlan(
                    weekday=weekday, hour=hour, days=12, seen_days=12, planned=served,
                    arrivals_per_hour=5.2 * needed, open=served, needed=needed,
                    utilisation=0.82, wait_s=410.0, share_within=0.93,
                )
            )  # fmt: skip
    week = WeekPlan(
        target_s=900.0,
        arrival_variation=1.1,
        service_s=600.0,
        service_variation=0.5,
        hours=tuple(hours),
    )
    return Planning(period="2026-08-01..2026-10-23", week=week)


def contests(unit: str) -> list[Mapping[str, Any]]:
    """An open contest with hostile texts, one that waits for the visitor, and an answered one."""
    common: dict[str, Any] = {"unit": unit, "period": "2026-10", "filed_at": AT.isoformat()}
    figure = common | {"kind": "figure", "kpi": "share_satisfied", "value_before": "0.93"}
    assigned = {"assignee_name": "root", "assigned_by": "leader", "assigned_at": AT.isoformat()}
    answered_at = (AT + timedelta(days=2)).isoformat()
    return [
        figure | {"id": CONTEST, "reason": HOSTILE, "filed_by": HOSTILE},
        figure | {"id": f"{CONTEST[:-1]}2", "reason": LONG, "filed_by": "head", **assigned},
        common
        | assigned
        | {
            "id": f"{CONTEST[:-1]}3",
            "kind": "class",
            "scheme": "qd766-2022",
            "reason": "Hồ sơ liên thông bị tính hai lần.",
            "filed_by": "head",
            "effect": "restated",
            "answer": "Đã đối chiếu với Cổng dịch vụ công.",
            "answered_by": "root",
            "answered_at": answered_at,
            "value_after": "81.5",
        },
    ]


def appraisals(unit: str) -> list[dict[str, Any]]:
    """One appraisal that waits for the appraiser, and one that is final."""
    scheme = _scheme()
    common = {
        "scheme": scheme.id,
        "version": scheme.version,
        "unit": unit,
        "officer": None,
        "period": "2026-10",
        "appraiser": "root",
        "appraiser_there": True,
        "due_at": AT.isoformat(),
    }
    open_one = {
        "id": APPRAISAL,
        "state": "self_scored",
        "draft": True,
        "next_step": "appraisal",
        "overdue": True,
    }
    final = {
        "id": f"{APPRAISAL[:-1]}2",
        "state": "final",
        "draft": False,
        "next_step": None,
        "overdue": False,
    }
    return [common | open_one, common | final]


def appraisal(unit: str) -> dict[str, Any]:
    """The first of them with its steps."""
    terms = [term for each in _scheme().criteria for term in each.terms]
    entries = [{"term": term, "points": "1.5", "evidence": HOSTILE} for term in terms[:2]]
    at = AT.isoformat()
    opened = {"number": 1, "step": "opened", "at": at, "actor": "leader", "late": False}
    scored = {"number": 2, "step": "self_score", "at": at, "actor": HOSTILE, "late": True}
    return appraisals(unit)[0] | {
        "steps": [
            opened | {"comment": "", "entries": []},
            scored | {"comment": LONG, "entries": entries, "total": "61.5"},
        ]
    }


def accounts(unit: str) -> list[dict[str, Any]]:
    """An account of each role, and a disabled one."""
    common = {"has_password": True, "single_sign_on": False, "officer": None}
    made = [
        common
        | {
            "name": str(role).replace("_", "-"),
            "full_name": HOSTILE if role is Role.OFFICER else "Trần Thị B",
            "roles": [{"role": str(role), "unit": unit}],
            "second_factor": ROLES[role].second_factor,
            "used_at": AT.isoformat(),
            "disabled_at": None,
        }
        for role in Role
        if role is not Role.WALL
    ]
    return [*made, made[0] | {"name": "left", "disabled_at": AT.isoformat()}]


def comments(unit: str) -> list[dict[str, Any]]:
    """One with hostile text that nobody has read, a long one that is shown, one withheld."""
    common = {"unit": unit, "counter": "quay-1", "given_at": AT.isoformat(), "language": "vi"}
    read = {"read_at": AT.isoformat(), "read_by": "head"}
    return [
        common
        | {
            "rating": APPRAISAL,
            "score": 1,
            "text": f"Gợi ý phong bì {HOSTILE}",
            "marks": ["urgent", "names_person"],
        },
        common | {"rating": f"{APPRAISAL[:-1]}2", "score": 4, "text": LONG, "shown": True} | read,
        common | {"rating": f"{APPRAISAL[:-1]}3", "score": 2, "text": "…", "shown": False} | read,
    ]


def answered() -> dict[str, Any]:
    """Two questions with figures: one with its share, one with too few for it."""
    asked = {"questions": "sipas"}
    enough = {"n": 40, "share_satisfied": 0.9, "low": 0.769, "high": 0.96}
    return {
        "period": "2026-10",
        "group_of": 10,
        "questions": [
            asked | enough | {"question": "access", "vi": "Nơi ngồi chờ", "en": "Waiting area"},
            asked | {"question": "officer", "vi": "Công chức", "en": "The officers", "n": 12},
        ],
    }


def offices(unit: str) -> dict[str, object]:
    """Reports in each state, files, and the books of offices."""
    at, day = AT.isoformat(), {"valid_from": "2025-07-01", "valid_to": None}
    report = {
        "kind": "rankings",
        "period": "2026-10",
        "language": "vi",
        "format": "xlsx",
        "asked_at": at,
        "asked_by": "root",
        "scope": "province",
        "progress": 0.6,
        "state": "making",
    }
    ready = {"state": "ready", "progress": 1.0, "name": "a.xlsx", "bytes": 48_211}
    failed = {"state": "failed", "kind": "unit", "unit": unit, "problem": HOSTILE}
    file = {
        "id": f"{APPRAISAL[:-1]}7",
        "dataset": "figures",
        "format": "csv",
        "scope": "province",
        "period": "2026",
        "step": "month",
        "language": "vi",
        "asked_by": "root",
        "asked_at": at,
    }
    shift = {"unit": unit, "counter": "quay-1", "officer": "CB-1", "name": HOSTILE}
    return {
        "reports": [
            report | {"id": APPRAISAL},
            report | ready | {"id": f"{APPRAISAL[:-1]}2"},
            report | failed | {"id": f"{APPRAISAL[:-1]}3"},
        ],
        "exports": [file],
        "annotations": [
            {
                "id": APPRAISAL,
                "unit": unit,
                "day": "2026-10-05",
                "told": HOSTILE,
                "author": "root",
                "noted_at": at,
            }
        ],
        "me/briefs": [{"address": HOSTILE, "scope": "province", "language": "vi"}],
        "reports/mails": [
            {
                "period": "2026-10",
                "address": "head@example.vn",
                "message_id": "<a@b>",
                "created_at": at,
                "state": "sent",
                "attempts": 1,
                "sent_at": at,
            }
        ],
        "counters": [
            {"unit": unit, "id": "quay-1", "name_vi": LONG, "name_en": "Counter 1", **day},
        ],
        "calendars": [
            {"calendar": "default", "weekday": 0, "hours": "07:30-11:30", "note": "",
             "source": "province"},
            {"calendar": "default", "day": "2026-09-02", "hours": "", "note": "",
             "source": "country"},
        ],
        "procedures": [
            {"code": "1.001193", "family": "ho-tich", "name_vi": HOSTILE, "name_en": "Birth",
             "limit_days": 1.0, "late_after": "15:00:00", "source": None},
        ],
        "staff": [{"code": "CB-1", "name": HOSTILE, "unit": unit, "position": LONG, **day}],
        "assignments": [shift | {"id": "s-1", "starts_at": at, "ends_at": at}],
        "serving": [
            {"counter": "quay-1", "officer": "CB-1", "name": HOSTILE, "since": at, "until": at,
             "signed_on": True},
        ],
    }  # fmt: skip


def answers(unit: str) -> Mapping[str, bytes]:
    """What is answered at each path below /api/v1."""
    at = AT.isoformat()
    listed_at = {"created_at": at, "used_at": at, "unit": None}
    told: dict[str, object] = {
        "schemes": schemes(),
        "contests": contests(unit),
        "comments": comments(unit),
        "answers": answered(),
        "appraisals": appraisals(unit),
        f"appraisals/{APPRAISAL}": appraisal(unit),
        "accounts": accounts(unit),
        "keys": [listed_at | {"name": "ioc", "rights": ["read_figures", "read_units"]}],
        "screens": [
            listed_at | {"name": "sanh-chinh", "scenes": ["now", "map"]},
            listed_at | {"name": "cu", "scenes": None, "revoked_at": at},
        ],
        "sign-ins": [
            {
                "id": APPRAISAL,
                "began_at": at,
                "used_at": at,
                "ends_at": at,
                "address": "10.1.2.3",
                "agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128",
            }
        ],
        "sources": [
            {
                "id": "igate",
                "records": 120_345,
                "refused": 12,
                "last_run_at": at,
                "last_success_at": at,
            }
        ],
        "quarantine": [
            {
                "id": 1,
                "received_at": at,
                "topic": "motcua/v1/x/quay-1/edge-1/rating",
                "refusal": "future",
            }
        ],
    }
    told |= offices(unit)
    return {path: encode(value) for path, value in told.items()}
