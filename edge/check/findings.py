"""What a check found: one line each, with what to do, in the language of whoever asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

import msgspec

from contract.texts import Language, texts

_LANGUAGE: ContextVar[Language] = ContextVar("language", default=Language.EN)


class Verdict(StrEnum):
    """How something stands."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one check. `advice` says what to do, and is empty when all is well.

    `subject` is the same in every language; `title` names it.
    """

    subject: str
    title: str
    verdict: Verdict
    detail: str
    advice: str = ""


@contextmanager
def told_in(language: Language) -> Iterator[None]:
    """Say what is found while the block runs in this language; English outside of one."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def told(key: str, /, **figures: object) -> str:
    """Return the text `check.<key>` with its figures."""
    return texts("edge", _LANGUAGE.get()).format(f"check.{key}", **figures)


def ok(subject: str, detail: str) -> Finding:
    """Return that `subject` is well."""
    return _finding(subject, Verdict.OK, detail)


def warn(subject: str, detail: str, advice: str) -> Finding:
    """Return that `subject` works, but not as it should."""
    return _finding(subject, Verdict.WARN, detail, advice)


def fail(subject: str, detail: str, advice: str = "") -> Finding:
    """Return that `subject` does not work."""
    return _finding(subject, Verdict.FAIL, detail, advice)


def render_line(finding: Finding) -> str:
    """Return the finding as one line for people."""
    advice = f" -> {finding.advice}" if finding.advice else ""
    return f"{finding.verdict:<4}  {finding.title:<10}  {finding.detail}{advice}"


def render_json(findings: Sequence[Finding]) -> str:
    """Return the findings as a JSON array for programs."""
    return msgspec.json.format(msgspec.json.encode(list(findings)), indent=2).decode()


def _finding(subject: str, verdict: Verdict, detail: str, advice: str = "") -> Finding:
    kind, _, name = subject.partition(" ")
    title = f"{told(f'subject.{kind}')} {name}".rstrip()
    return Finding(subject=subject, title=title, verdict=verdict, detail=detail, advice=advice)
