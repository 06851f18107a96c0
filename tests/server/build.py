"""Messages for tests of the server: only what a test cares about has to be named."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from contract.identifiers import derived_id, new_id
from contract.messages import (
    DeviceStatus,
    ExpressionMix,
    Health,
    Observation,
    OfficerSession,
    Prompt,
    PromptEvent,
    PromptOpener,
    Rating,
    RatingReason,
    SessionEvent,
    SignOnMethod,
    Ticket,
    TicketEvent,
    Upstream,
    Visit,
    Wait,
    WaitOutcome,
)
from contract.topics import STREAM_OF, Address
from server.ingest.batch import Accepted, Route
from server.ingest.decoding import route_of

HERE = Address(unit="tu-son", counter="quay-1", device="edge-1")
_SEQ = count(1)


def mix(positive: float = 0.25, *, negative: float = 0.25) -> ExpressionMix:
    """Return a mix whose shares add up to one."""
    return ExpressionMix(
        faces=1,
        readings=10,
        negative=negative,
        neutral=1 - positive - negative,
        positive=positive,
    )


def rating(at: datetime, score: int = 5, *, address: Address = HERE, **fields: object) -> Rating:
    """Return a rating given at `at`."""
    return Rating(**_envelope(at, address), score=score, **fields)


def amendment(at: datetime, of: Rating, *reasons: RatingReason) -> Rating:
    """Return the message that brings reasons after the rating `of`."""
    return Rating(
        **_envelope(at, Address(unit="x", counter="x", device=of.device)),
        score=of.score,
        reasons=reasons,
        amends=of.id,
    )


def visit(
    at: datetime,
    service_s: float = 300.0,
    *,
    address: Address = HERE,
    expression: ExpressionMix | None = None,
    complete: bool = True,
    wait_s: float | None = None,
    counter: str | None = None,
) -> Visit:
    """Return a visit that ended at `at`."""
    return Visit(
        **_envelope(at, address),
        started_at=at - timedelta(seconds=service_s),
        service_s=service_s,
        wait_s=wait_s,
        expression=expression,
        complete=complete,
        counter=counter,
    )


def wait(
    at: datetime,
    wait_s: float = 60.0,
    *,
    outcome: WaitOutcome = WaitOutcome.SERVED,
    address: Address = HERE,
) -> Wait:
    """Return a wait that ended at `at`, with service unless told otherwise."""
    return Wait(
        **_envelope(at, address),
        started_at=at - timedelta(seconds=wait_s),
        wait_s=wait_s,
        outcome=outcome,
    )


def observation(
    at: datetime,
    queue_length: int | None = 3,
    *,
    address: Address = HERE,
    expression: ExpressionMix | None = None,
    counter: str | None = None,
) -> Observation:
    """Return a 5 s window that ended at `at`."""
    return Observation(
        **_envelope(at, address),
        window_s=5.0,
        frames=50,
        fps=10.0,
        queue_length=queue_length,
        people_present=None if queue_length is None else queue_length + 1,
        expression=expression,
        counter=counter,
    )


def ticket(
    at: datetime,
    number: str = "A001",
    *,
    event: TicketEvent = TicketEvent.ISSUED,
    service: str | None = None,
    address: Address = HERE,
) -> Ticket:
    """Return a ticket that was issued at `at`, or what else happened to it."""
    return Ticket(**_envelope(at, address), number=number, event=event, service=service)


def prompt(
    at: datetime,
    *,
    event: PromptEvent = PromptEvent.SHOWN,
    address: Address = HERE,
    **fields: object,
) -> Prompt:
    """Return a step at `at` of a request for a rating: that it was shown, or another."""
    given = {"prompt": new_id(at), "opened_by": PromptOpener.VISIT_END} | fields
    return Prompt(**_envelope(at, address), event=event, **given)


def officer_session(
    at: datetime,
    *,
    officer: str = 'CB "0",{}',
    event: SessionEvent = SessionEvent.ON,
    session: UUID | None = None,
    address: Address = HERE,
) -> OfficerSession:
    """Return an officer's sign-on at `at`, or sign-off."""
    return OfficerSession(
        **_envelope(at, address),
        session=session or new_id(at),
        event=event,
        officer=officer,
        method=SignOnMethod.PIN,
    )


def health(
    at: datetime,
    *,
    session: UUID | None = None,
    status: DeviceStatus = DeviceStatus.ONLINE,
    address: Address = HERE,
    **fields: object,
) -> Health:
    """Return a heartbeat; without `session` it belongs to one that began on 1 January 2026."""
    first = session_at(datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    return Health(**_envelope(at, address), status=status, session=session or first, **fields)


def session_at(at: datetime) -> UUID:
    """Return the identifier of a session that began at `at`."""
    return derived_id(at, "session")


def accepted(message: Upstream, address: Address = HERE) -> Accepted:
    """Return `message` as the decoder hands it to the writer."""
    return (route(message, address), message, b"{}")


def route(message: Upstream, address: Address = HERE) -> Route:
    """Return where `message` belongs when a device at `address` publishes it."""
    counter = getattr(message, "counter", None)
    return route_of(address.topic(STREAM_OF[type(message)]), counter)


def _envelope(at: datetime, address: Address) -> dict:
    return {
        "id": new_id(at),
        "device": address.device,
        "seq": next(_SEQ),
        "observed_at": at,
        "schema": 1,
    }
