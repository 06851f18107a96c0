"""Hours of a day as people write them: `07:30-11:30 13:30-17:00`."""

from __future__ import annotations

import re
from datetime import time
from itertools import pairwise

from server.calendars.calendars import Spans

_SPAN = re.compile(r"(\d{1,2})[:hg](\d\d)?\s*[-–]\s*(\d{1,2})[:hg](\d\d)?")
_SEPARATORS = re.compile(r"[\s,;+]+")


def parse_hours(text: str) -> Spans:
    """Return the hours that `text` names, none for an empty text; raise ValueError."""
    if _SEPARATORS.sub("", _SPAN.sub("", text)):
        raise ValueError(text)
    spans = sorted(map(_span, _SPAN.finditer(text)))
    if any(start >= end for start, end in spans):
        raise ValueError(text)
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise ValueError(text)
    return tuple(spans)


def write_hours(hours: Spans) -> str:
    """Return the text from which `parse_hours` gives these hours again."""
    return " ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in hours)


def _span(found: re.Match[str]) -> tuple[time, time]:
    start_hour, start_minute, end_hour, end_minute = (int(part or 0) for part in found.groups())
    return time(start_hour, start_minute), time(end_hour, end_minute)
