"""What a unit can say is wrong with it: each sentence of a health message once, said and heard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from string import Formatter
from types import MappingProxyType


class Problem(StrEnum):
    """One problem; the value is its English sentence, its figures named in braces.

    Health messages carry sentences, so that any client may send its own. Units in the field go on
    saying what they said, so a reworded sentence is a new one beside the old. Whatever carries a
    `detail` comes first: that may be the sentence of a problem further down.
    """

    NOT_WATCHING = "the counter is not watched: {detail}"
    RATINGS_NOT_STORED = "ratings cannot be stored: {detail}"

    SILENT = "{process} has not reported for {silent_s} s"
    SILENT_SINCE_START = "{process} has not reported since the last start of the machine"
    SERVER_SILENT = "the server has confirmed nothing for {silent_s} s"

    CAMERA_MISSING = "camera gives no pictures: check plug, power and address"
    CAMERA_BLACK = "camera gives black pictures: check the lens cover and the light"
    CAMERA_FROZEN = "camera repeats one picture: switch it off and on"
    NO_EXPRESSIONS = "no expression model: visits are counted without expressions"
    FRAMES_FAILED = "{frames} frames could not be analysed: see the log"

    DISK_FULL = "store {path}: the disk is full; free space or check the network"
    OUTBOX_FULL = (
        "{depth} messages wait in {path}, [store] max_rows is {max_rows} and "
        "the rest is kept for ratings; check the network and the server"
    )
    DISK_RESERVED = (
        "{free_mb} MB are free for {path}, [store] reserve_mb keeps "
        "{reserve_mb} for ratings and the system; free disk space"
    )
    STORE_LOCKED = (
        "store {path} was locked for {locked_s} s by another process; "
        "try again, and stop whatever else has the file open"
    )
    STORE_DAMAGED = "store {path} is damaged: {reason}"
    STORE_UNUSABLE = (
        "store {path} cannot be used: {reason}; check [store] path, its permissions and the disk"
    )
    STORE_NOT_MADE = "store {path} cannot be made: {reason}; check [store] path and its permissions"
    STORE_TOO_NEW = (
        "store {path} was written by a newer release (schema {schema}, this release knows "
        "{known_schema}): install that release again or move the file away"
    )

    def say(self, **figures: object) -> str:
        """Return the sentence with its figures; raises KeyError where one is missing."""
        return self.value.format(**figures)


def hear(sentence: str) -> tuple[Problem, Mapping[str, str]] | None:
    """Return the problem that `sentence` tells of and its figures; None for a sentence unknown."""
    for problem, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(sentence):
            return problem, found.groupdict()
    return None


def _pattern(problem: Problem) -> re.Pattern[str]:
    parts = Formatter().parse(problem.value)
    texts = (re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, _, _ in parts)
    return re.compile("".join(texts), re.DOTALL)


_PATTERNS = MappingProxyType({problem: _pattern(problem) for problem in Problem})
