"""Writes a rule as its TOML file: what somebody edits on screen and keeps. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, time
from enum import Enum
from typing import Any

from server.alerts.rules import Escalation, Rule, Said


def as_toml(rule: Rule) -> str:
    """Return a rule's file, which `parse_rule` reads as the same rule; defaults are left out."""
    values = {
        each.name: getattr(rule, each.name)
        for each in fields(rule)
        if each.default is MISSING or getattr(rule, each.name) != each.default
    }
    tables = {name: value for name, value in values.items() if isinstance(value, Said)}
    lines = [
        f"{name} = {_scalar(value)}"
        for name, value in values.items()
        if name not in tables and name != "escalate"
    ]
    for each in rule.escalate:
        lines += ["", "[[escalate]]", *_pairs(_of(each))]
    for name, said in tables.items():
        lines += ["", f"[{name}]", *_pairs(_of(said))]
    return "\n".join([*lines, ""])


def _of(value: Escalation | Said) -> Mapping[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{name} = {_scalar(value)}" for name, value in values.items())


def _scalar(value: Any) -> str:  # noqa: ANN401 - whatever a rule's field holds
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)  # TOML's strings, numbers and truths are JSON's
