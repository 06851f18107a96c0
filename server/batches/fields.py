"""Kinds of fields that records in batches have: times, promised days, codes and names."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from contract.local_time import LOCAL_TIME

_END_OF_DAY = time(23, 59, 59)


def natural_key(text: str) -> str:
    """Return a code as one key: systems differ in case, spaces and Unicode form."""
    return unicodedata.normalize("NFC", "".join(text.split()).upper())


def whole_day(promised_at: datetime) -> datetime:
    """Return the end of the day for a promised date at midnight, which means the day."""
    local = promised_at.astimezone(LOCAL_TIME)
    if local.time() == time():
        return datetime.combine(local.date(), _END_OF_DAY, LOCAL_TIME)
    return promised_at


def _local(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a time with its zone: Viet Nam's where none is given."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            # The library's own message repeats the value, which may be personal.
            raise ValueError("no time as ISO 8601 writes it: 2026-06-01T08:00:00+07:00") from None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=LOCAL_TIME)
    return value


def _until(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    found = _local(value)
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found, time(), LOCAL_TIME)
    return whole_day(found) if isinstance(found, datetime) else found


Moment = Annotated[datetime, BeforeValidator(_local)]
"""A time; without an offset it is Viet Nam's."""

Promise = Annotated[datetime, BeforeValidator(_until)]
"""Until when something is promised; a day, or midnight, is the whole day."""

Key = Annotated[str, BeforeValidator(lambda value: natural_key(str(value))), Field(max_length=64)]
"""A code by which records are told apart."""

Name = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A code that stands for a unit, an officer or a family."""

Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A name for people."""
