"""Answers a file of records that a person sends: tried first, then kept."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from psycopg import AsyncConnection

from contract.texts import Language
from server.access.guard import allow
from server.access.recording import Rec, Recorder
from server.access.responses import UNAVAILABLE, Documented
from server.access.rights import Right
from server.access.sessions import Writer, WriteSession
from server.audit.entries import Action
from server.errors import RequestInvalid, TableUnreadable
from server.tabular.batches import STORE_WITHIN_S, KeepGoing
from server.tabular.imports import Kind, Progress, Report, Watcher, import_file
from server.tabular.records import Row
from server.tabular.refusals import Rejection
from server.tabular.rejections import RejectedRows
from server.web.problems import PROBLEM_CONTENT

LARGEST_FILE_BYTES = 20_000_000
"""Larger files are for `motcua import`, which stores them batch by batch."""
MOST_FAULTS = 500
_SUFFIXES = frozenset({".csv", ".xlsx", ".xls", ".ods", ".txt", ".tsv"})

FileName = Annotated[
    str,
    Query(max_length=200, description="The file's name: what it ends in says its format."),
]
DryRun = Annotated[bool, Query(description="Check every row and keep nothing.")]

FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""The body of a route that takes a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """What is wrong with a cell, in both languages; `line` is as the file counts."""

    line: int
    column: str
    value: str
    reason_vi: str
    reason_en: str
    remedy_vi: str
    remedy_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """What became of a file's rows: the first faults, and whether anything is kept."""

    stored: int
    rejected: int
    committed: bool
    dry_run: bool
    notices: tuple[str, ...] = ()
    faults: tuple[FileFault, ...] = ()
    rejected_rows: str = ""
    """A CSV of the first rejected rows with their reasons, to be corrected and sent again."""


REFUSED_FILE: Documented = {
    422: {
        "model": FileAnswer,
        "description": "The file is no table, or lacks columns: `detail` says why; or nothing is "
        "stored, and `faults` says why.",
        "content": PROBLEM_CONTENT,
    }
}


@dataclass(slots=True)
class _Told:
    """Collects what an import says."""

    rows: RejectedRows
    notices: list[str] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)

    def rejected(self, titles: Sequence[str], row: Row, rejection: Rejection) -> None:
        """Keep what is wrong with a row, as long as the list is one that people read."""
        if len(self.faults) < MOST_FAULTS:
            self.faults += _faults(rejection)
            self.rows.add(titles, row, rejection)

    def rejected_rows(self) -> str:
        """Return the rows that were kept as they are written; empty where none was rejected."""
        self.rows.close()
        return self.rows.path.read_text("utf-8-sig") if self.rows.path.exists() else ""

    def watcher(self) -> Watcher:
        """Return who is told."""
        return Watcher(notice=self.notices.append, rejected=self.rejected, progress=_nobody_waits)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is being sent, and whoever sends it."""

    request: Request
    session: Writer
    recorder: Recorder

    async def answer(
        self, kind: Kind[Any], name: str, *, dry_run: bool, keep_going: bool
    ) -> Response:
        """Return what became of the file: status 200, or 422 where nothing could be kept."""
        body = await _body(self.request)
        with tempfile.TemporaryDirectory(prefix="motcua-import-") as folder:
            told = _Told(RejectedRows(Path(folder, "rejected.csv")))
            path = Path(folder) / f"table{_suffix(name)}"
            await asyncio.to_thread(path.write_bytes, body)

            async def write(connection: AsyncConnection) -> Report:
                report = await import_file(
                    connection,
                    # What surrounds a whole file takes rights that the API's role does not have.
                    replace(kind, around=None),
                    path,
                    told.watcher(),
                    keep_going=keep_going,
                    dry_run=dry_run,
                )
                await self.recorder.note(
                    connection,
                    Action.RECORDS_IMPORTED,
                    kind.record.kind,
                    file=_shown(name),
                    stored=report.stored,
                    rejected=report.rejected,
                    committed=report.committed,
                )
                return report

            try:
                report = await self.session.run(write, within_s=STORE_WITHIN_S)
            except TableUnreadable as error:
                said = str(error).replace(str(path), _shown(name))
                raise RequestInvalid(said) from error
            rejected_rows = await asyncio.to_thread(told.rejected_rows)
        answer = FileAnswer(
            stored=report.stored,
            rejected=report.rejected,
            committed=report.committed,
            dry_run=dry_run,
            notices=tuple(told.notices),
            faults=tuple(told.faults),
            rejected_rows=rejected_rows,
        )
        good = report.committed or dry_run
        return Response(
            msgspec.json.encode(answer),
            status_code=200 if good else 422,
            media_type="application/json",
        )


async def _upload(request: Request, session: WriteSession, recorder: Rec) -> Upload:
    return Upload(request, session, recorder)


Uploaded = Annotated[Upload, Depends(_upload)]
"""The parameter of a route that takes a file."""


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FILE_BYTES:
            raise RequestInvalid(
                f"the file has more than {LARGEST_FILE_BYTES:,} bytes: import it with "
                "`motcua import`, or in parts"
            )
    if not body:
        raise RequestInvalid("the file is empty")
    return bytes(body)


def _shown(name: str) -> str:
    """Return a file's name without its folder and without signs that no log can hold."""
    return "".join(sign for sign in Path(name).name if sign.isprintable())


def _suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix in _SUFFIXES else ".csv"


def _faults(rejection: Rejection) -> list[FileFault]:
    return [
        FileFault(
            line=rejection.line,
            column=fault.column,
            value=fault.value,
            reason_vi=fault.refusal.reason(Language.VI),
            reason_en=fault.refusal.reason(Language.EN),
            remedy_vi=fault.refusal.remedy(Language.VI),
            remedy_en=fault.refusal.remedy(Language.EN),
        )
        for fault in rejection.faults
    ]


def _nobody_waits(_: Progress) -> None:
    """Do nothing: whoever sends a file is answered at the end."""


def add_import(router: APIRouter, name: str, kind: Kind[Any], *, right: Right, told: str) -> None:
    """Let `POST /imports/NAME` check or import a table for whoever has the right."""

    async def take(
        upload: Uploaded, file: FileName, dry_run: DryRun = True, keep_going: KeepGoing = False
    ) -> Response:
        return await upload.answer(kind, file, dry_run=dry_run, keep_going=keep_going)

    router.add_api_route(
        f"/imports/{name}",
        take,
        methods=["POST"],
        name=f"import_{name}",
        description=told,
        response_model=FileAnswer,
        responses=REFUSED_FILE | UNAVAILABLE,
        openapi_extra=FILE_BODY,
        dependencies=[Depends(allow(right))],
    )
