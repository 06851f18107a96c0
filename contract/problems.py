"""What can be wrong with a device or the server: codes, whose sentences stand in contract/texts."""

from __future__ import annotations

from enum import StrEnum

from contract.messages import LONGEST_TEXT, ReportedProblem
from contract.texts import Language, texts


class ProblemCode(StrEnum):
    """One kind of problem; `problem.<code>` in contract/texts is its sentence."""

    NOT_WATCHING = "not_watching"
    RATINGS_NOT_STORED = "ratings_not_stored"

    SILENT = "silent"
    SILENT_SINCE_START = "silent_since_start"
    SERVER_SILENT = "server_silent"

    CAMERA_MISSING = "camera_missing"
    CAMERA_BLACK = "camera_black"
    CAMERA_FROZEN = "camera_frozen"
    CAMERA_COVERED = "camera_covered"
    CAMERA_OVER_EXPOSED = "camera_over_exposed"
    CAMERA_OUT_OF_FOCUS = "camera_out_of_focus"
    CAMERA_MOVED = "camera_moved"
    CAMERA_NAMED = "camera_named"
    RECORDINGS_SKIPPED = "recordings_skipped"
    NO_PROGRESS = "no_progress"
    NO_EXPRESSIONS = "no_expressions"
    FRAMES_FAILED = "frames_failed"

    PAGE_REFUSED = "page_refused"
    TICKETS_AWAY = "tickets_away"

    DISK_FULL = "disk_full"
    OUTBOX_FULL = "outbox_full"
    DISK_RESERVED = "disk_reserved"
    STORE_LOCKED = "store_locked"
    STORE_DAMAGED = "store_damaged"
    STORE_UNUSABLE = "store_unusable"
    STORE_NOT_MADE = "store_not_made"
    STORE_TOO_NEW = "store_too_new"
    STORE_TAKEN = "store_taken"

    IDENTITY_SHARED = "identity_shared"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"

    SERVER_CLOCK_AHEAD = "server_clock_ahead"
    SERVER_CLOCK_BEHIND = "server_clock_behind"
    DATABASE_CLOCK = "database_clock"

    OTHER = "other"


CAUSE = "cause"
"""The name under which a sentence holds the sentence of the problem that led to it."""


def report(
    code: ProblemCode, *, cause: ReportedProblem | str | None = None, **parameters: object
) -> ReportedProblem:
    """Return the problem `code` with its parameters and its English sentence.

    A `cause` that is no problem with a code of its own is kept as one with the code `other`.
    Raises KeyError when a parameter of the sentence is missing.
    """
    because = other(cause) if isinstance(cause, str) else cause
    given = {name: _cut(str(value)) for name, value in parameters.items()}
    within = {} if because is None else {CAUSE: because.text}
    sentence = texts("contract", Language.EN).format(f"problem.{code}", **given, **within)
    return ReportedProblem(code=code, text=_cut(sentence), parameters=given, cause=because)


def other(sentence: str) -> ReportedProblem:
    """Return a problem that only its sentence describes."""
    return ReportedProblem(code=ProblemCode.OTHER, text=_cut(sentence))


def sentence(problem: ReportedProblem, language: Language) -> str:
    """Return the problem in `language`; what this release does not know is said as it was sent."""
    entries = texts("contract", language)
    if f"problem.{problem.code}" not in entries:
        return problem.text
    names = entries.below("process")
    given = {name: names.get(value, value) for name, value in problem.parameters.items()}
    within = {} if problem.cause is None else {CAUSE: sentence(problem.cause, language)}
    try:
        return entries.format(f"problem.{problem.code}", **given, **within)
    except (KeyError, IndexError, ValueError):  # another release's parameters
        return problem.text


def _cut(text: str) -> str:
    """Return `text` as long as a message may hold it; a sign shows that it went on."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
