"""Files for analysts as values: what is asked for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

KEPT_DAYS = 7
"""A file is purged after so long; it can be asked for again."""

MOST_UNFINISHED = 20
"""Who asks for more has to wait until some are written."""


class Dataset(StrEnum):
    """What a file holds."""

    HOURS = "hours"
    """What was counted at each counter by the hour."""

    FIGURES = "figures"
    """The flat figures of the province and its units."""


class FileFormat(StrEnum):
    """How a file is written."""

    PARQUET = "parquet"
    CSV = "csv"


MEDIA_TYPES = {
    FileFormat.PARQUET: "application/vnd.apache.parquet",
    FileFormat.CSV: "application/gzip",
}
SUFFIXES = {FileFormat.PARQUET: "parquet", FileFormat.CSV: "csv.gz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file that was asked for; without `finished_at` it waits or is being written.

    `entries` are its rows, `digest` its SHA-256 in hexadecimal. `problem` says why there is none.
    """

    id: UUID
    dataset: Dataset
    format: FileFormat
    scope: str
    period: str
    step: str
    language: str
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None = None
    finished_at: datetime | None = None
    entries: int | None = None
    bytes: int | None = None
    digest: str | None = None
    problem: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a file."""
        return self.finished_at is not None and self.problem is None

    @property
    def file_name(self) -> str:
        """The name under which a browser keeps it."""
        period = self.period.replace("..", "_")
        return f"motcua-{self.dataset}-{period}.{SUFFIXES[self.format]}"
