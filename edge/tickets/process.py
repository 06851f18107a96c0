"""Runs the adapter of a ticket machine until SIGTERM or SIGINT, and reports how the machine is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import FrameType, MappingProxyType

import structlog

from contract.problems import ProblemCode, report
from edge.errors import StoreError
from edge.settings import EdgeSettings
from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from edge.store.process_lock import process_lock
from edge.store.prompts import PromptBook
from edge.tickets.frames import Call, read_layout
from edge.tickets.publishing import TicketDesk
from edge.tickets.sources import poll_page, read_serial, take_pushes
from runtime.errors import SettingInvalid

REPORT_EVERY_S = 10.0

_SOURCES: Mapping[str, Callable[..., None]] = MappingProxyType(
    {"serial": read_serial, "push": take_pushes, "poll": poll_page}
)

log = structlog.get_logger()


def run(settings: EdgeSettings) -> None:
    """Adapt until a signal comes; raise ReportedError when it cannot begin."""
    if settings.tickets.source == "none":
        raise SettingInvalid('[tickets] source is "none": name serial, push or poll in edge.toml')
    stop = threading.Event()

    def set_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, set_stop)
    store = settings.store
    with (
        process_lock(store.path, ProcessName.TICKETS),
        Outbox.open(store.path, max_rows=store.max_rows, reserve_mb=store.reserve_mb) as outbox,
    ):
        log.info("tickets_started", source=settings.tickets.source)
        adapt(settings, outbox, stop)
    log.info("tickets_stopped")


def adapt(settings: EdgeSettings, outbox: Outbox, stop: threading.Event) -> None:
    """Fill `outbox` with the machine's calls until `stop`."""
    tickets, device = settings.tickets, settings.device
    layout = read_layout(tickets.layout)
    desk = TicketDesk(
        outbox=outbox,
        book=PromptBook(outbox=outbox, device=device.device, counter=device.counter),
        counters=tickets.counters,
        asks_for_s=settings.kiosk.prompt_s if tickets.asks else 0,
    )
    status = _Status(outbox, desk)
    reporter = threading.Thread(target=status.keep, args=(stop,), daemon=True)
    reporter.start()

    def take(call: Call) -> None:
        desk.take(call, now=datetime.now(UTC))

    try:
        _SOURCES[tickets.source](tickets, layout, stop, take, status.set_problem)
    finally:
        stop.set()
        reporter.join()


class _Status:
    """What the adapter says about itself: whether calls can come and can be stored."""

    def __init__(self, outbox: Outbox, desk: TicketDesk) -> None:
        self._outbox = outbox
        self._desk = desk
        self._problem = ""

    def set_problem(self, problem: str) -> None:
        """Say once why no calls can come, and once that they can again."""
        if problem and not self._problem:
            log.warning("machine_away", problem=problem)
        elif self._problem and not problem:
            log.info("machine_back")
        changed = bool(problem) != bool(self._problem)
        self._problem = problem
        if changed:
            self._put()

    def keep(self, stop: threading.Event) -> None:
        """Store it every few seconds until `stop`."""
        self._put()
        while not stop.wait(REPORT_EVERY_S):
            self._put()

    def _put(self) -> None:
        causes = [self._problem] if self._problem else []
        if self._desk.problem is not None:
            causes.append(str(self._desk.problem))
        problems = tuple(report(ProblemCode.TICKETS_AWAY, cause=cause) for cause in causes)
        try:
            status = ProcessStatus(problem_reports=problems)
            self._outbox.put_status(ProcessName.TICKETS, status)
        except StoreError as error:
            log.debug("status_not_stored", error=str(error))
