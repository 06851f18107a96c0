"""How one system's records become ours: which field is which column, and what its codes mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contract.local_time import LOCAL_TIME
from server.errors import MappingUnreadable

Cells: TypeAlias = Mapping[str, str | int | float | bool | None]
"""A record by our columns, as tables hold it."""


class Kind(StrEnum):
    """What the records of a source are."""

    DOSSIERS = "dossiers"
    COMPLAINTS = "complaints"


class Status(StrEnum):
    """Where a dossier stands, whatever code a system has for it."""

    NEW = "new"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PROCESSING = "processing"
    SUPPLEMENT = "supplement"
    FEE = "fee"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    PROCESSED = "processed"
    RETURNED = "returned"


_ENDED_AT: Mapping[Status, str] = {
    Status.REFUSED: "refused_at",
    Status.WITHDRAWN: "withdrawn_at",
    Status.STOPPED: "stopped_at",
    Status.PROCESSED: "processed_at",
    Status.RETURNED: "processed_at",
}
_NEVER_ACCEPTED = frozenset({Status.NEW, Status.REFUSED, Status.WITHDRAWN})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldMapping(_Part):
    """One column: the system's field (a path with points), what its codes stand for, its format.

    `empty` is what a missing value means, `format` a strptime pattern where the usual ways of
    writing a time do not do.
    """

    field: str
    codes: dict[str, str] = {}
    empty: str | None = None
    format: str | None = None


class StatusMapping(_Part):
    """The system's status: its codes, and the fields that hold when it ended and was returned."""

    field: str
    codes: dict[str, Status]
    ended_at: str
    returned_at: str | None = None


class SupplementMapping(_Part):
    """The list of requests to the citizen, and the fields of each."""

    list: str
    asked_at: str
    answered_at: str | None = None
    promised_at: str | None = None


class Http(_Part):
    """A list in pages: `since` and `page` are the names of query parameters.

    `token_variable` names the environment variable with the bearer token. Records that changed
    within `overlap_minutes` before the cursor are read again: clocks differ.
    """

    url: str = Field(pattern=r"^https?://")
    items: str = ""
    since: str | None = None
    page: str | None = None
    first_page: int = 1
    page_size: tuple[str, int] | None = None
    parameters: dict[str, str] = {}
    token_variable: str | None = None
    overlap_minutes: int = 60


class Folder(_Part):
    """Files that are read once each, in the order of their names: JSON, or CSV with a header."""

    path: Path
    pattern: str = "*.json"
    items: str = ""


class SourceMapping(_Part):
    """Everything about one source."""

    source: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    records: Kind = Kind.DOSSIERS
    http: Http | None = None
    folder: Folder | None = None
    fields: dict[str, Annotated[str | FieldMapping, Field(union_mode="left_to_right")]]
    status: StatusMapping | None = None
    supplements: SupplementMapping | None = None
    units: dict[str, str] = {}

    @model_validator(mode="after")
    def _has_one_place(self) -> SourceMapping:
        if (self.http is None) == (self.folder is None):
            raise ValueError("give exactly one of [http] and [folder]")
        return self


def read_mapping(path: Path) -> SourceMapping:
    """Return the mapping in the TOML file `path`; raise MappingUnreadable."""
    try:
        return SourceMapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise MappingUnreadable(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingUnreadable(f"{path} is not TOML in UTF-8: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "file"
        raise MappingUnreadable(f"{path}: {where}: {first['msg']}") from error


_UNITS = ("receiving_unit", "resolving_unit", "area_unit", "unit")


def map_record(mapping: SourceMapping, item: Mapping[str, Any]) -> Cells:
    """Return a system's record by our columns; fields that are not mapped are left behind."""
    cells = {column: _cell(wanted, item) for column, wanted in mapping.fields.items()}
    for column in _UNITS:
        code = cells.get(column)
        if code is not None:
            cells[column] = mapping.units.get(str(code), code)
    if cells.get("resolving_unit") is None and "receiving_unit" in cells:
        cells["resolving_unit"] = cells["receiving_unit"]
    if mapping.status is not None:
        cells |= _status_cells(mapping.status, item, cells)
    if mapping.supplements is not None:
        cells["supplements"] = _supplements(mapping.supplements, item)
    return cells


def find(item: Any, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what lies at `path`, names with points between, in a JSON value; None for nothing."""
    for name in filter(None, path.split(".")):
        item = item.get(name) if isinstance(item, Mapping) else None
    return item


def unended(mapping: SourceMapping, item: Mapping[str, Any], cells: Cells) -> bool:
    """Return whether the status says that the dossier has ended, and no date says when."""
    if mapping.status is None:
        return False
    column = _ENDED_AT.get(_status(mapping.status, item) or Status.NEW)
    return column is not None and cells.get(column) is None and cells.get("returned_at") is None


def _cell(wanted: str | FieldMapping, item: Mapping[str, Any]) -> str | int | float | bool | None:
    if isinstance(wanted, str):
        return _scalar(find(item, wanted))
    value = _scalar(find(item, wanted.field))
    if value is None or value == "":
        return wanted.empty
    if wanted.codes:
        return wanted.codes.get(_code(value), value)
    if wanted.format is not None:
        return _instant(str(value), wanted.format)
    return value


def _instant(text: str, pattern: str) -> str:
    """Return a time as ISO 8601 writes it; what does not fit stays, and is refused as it is."""
    try:
        found = datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone follows
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=LOCAL_TIME)).isoformat()


def _status(status: StatusMapping, item: Mapping[str, Any]) -> Status | None:
    value = _scalar(find(item, status.field))
    return None if value is None else status.codes.get(_code(value))


def _status_cells(status: StatusMapping, item: Mapping[str, Any], cells: Cells) -> Cells:
    found = _status(status, item)
    if found is None:
        return {}
    told: dict[str, str | int | float | bool | None] = {}
    if (column := _ENDED_AT.get(found)) is not None:
        told[column] = _scalar(find(item, status.ended_at))
    if found is Status.RETURNED and status.returned_at is not None:
        told["returned_at"] = _scalar(find(item, status.returned_at))
    if found not in _NEVER_ACCEPTED and cells.get("accepted_at") is None:
        told["accepted_at"] = cells.get("received_at")
    return told


def _supplements(wanted: SupplementMapping, item: Mapping[str, Any]) -> str:
    found = find(item, wanted.list)
    requests: Sequence[Any] = found if isinstance(found, list) else ()
    parts = []
    for request in requests:
        dates = (wanted.asked_at, wanted.answered_at, wanted.promised_at)
        texts = ["" if path is None else str(find(request, path) or "") for path in dates]
        parts.append(" > ".join(texts).rstrip(" >"))
    return "; ".join(parts)


def _code(value: str | float) -> str:
    """Return a code as text: 1, 1.0 and "1" are the same."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _scalar(value: Any) -> str | int | float | bool | None:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str | int | float | bool) else None
