"""What a check found: one line each, with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """How something stands."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one check. `advice` says what to do, and is empty when all is well."""

    subject: str
    verdict: Verdict
    detail: str
    advice: str = ""


def ok(subject: str, detail: str) -> Finding:
    """Return that `subject` is well."""
    return Finding(subject=subject, verdict=Verdict.OK, detail=detail)


def warn(subject: str, detail: str, advice: str) -> Finding:
    """Return that `subject` works, but not as it should."""
    return Finding(subject=subject, verdict=Verdict.WARN, detail=detail, advice=advice)


def fail(subject: str, detail: str, advice: str = "") -> Finding:
    """Return that `subject` does not work."""
    return Finding(subject=subject, verdict=Verdict.FAIL, detail=detail, advice=advice)


def render_line(finding: Finding) -> str:
    """Return the finding as one line for people."""
    advice = f" -> {finding.advice}" if finding.advice else ""
    return f"{finding.verdict:<4}  {finding.subject:<10}  {finding.detail}{advice}"


def render_json(findings: Sequence[Finding]) -> str:
    """Return the findings as a JSON array for programs."""
    return msgspec.json.format(msgspec.json.encode(list(findings)), indent=2).decode()
