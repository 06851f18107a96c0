"""Ended visits, waits and windows as messages of the contract."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from contract.identifiers import derived_id
from contract.messages import MOST_COMPANIONS, ExpressionMix, Observation, Visit, Wait
from contract.topics import STREAMS, Address, Stream
from edge.analytics.expressions import abstained_share, change, mix, thirds
from edge.analytics.visits import BegunVisit, EndedVisit, EndedWait
from edge.analytics.windows import EndedWindow

CameraMessage: TypeAlias = Observation | Visit | Wait
"""A message about what the camera saw."""

_UNSTAMPED = 0
_SECONDS_DECIMALS = 3


def make_message(address: Address, ended: EndedVisit | EndedWait | EndedWindow) -> CameraMessage:
    """Return the message for `ended`, without its sequence number.

    The identifier derives from what happened, where and when, so that a replay repeats it, and
    two devices of one name at two counters never share one.
    """
    match ended:
        case EndedVisit():
            return _visit(address, ended)
        case EndedWait():
            return _wait(address, ended)
        case EndedWindow():
            return _observation(address, ended)
        case _:
            assert_never(ended)


def visit_id(address: Address, visit: BegunVisit) -> UUID:
    """Return the identifier that the visit's message will have: a rating may need it before."""
    return derived_id(visit.started_at, address.topic(Stream.VISIT), visit.zone, visit.began_as)


def _visit(address: Address, visit: EndedVisit) -> Visit:
    return Visit(
        id=visit_id(
            address,
            BegunVisit(
                zone=visit.zone,
                began_as=visit.track_id if visit.began_as is None else visit.began_as,
                started_at=visit.started_at,
            ),
        ),
        device=address.device,
        seq=_UNSTAMPED,
        observed_at=visit.ended_at,
        schema=STREAMS[Stream.VISIT].version,
        started_at=visit.started_at,
        service_s=_seconds(visit.started_at, visit.ended_at),
        wait_s=None if visit.wait_s is None else round(visit.wait_s, _SECONDS_DECIMALS),
        expression=mix(visit.readings),
        expression_change=change(visit.readings, visit.started_at, visit.ended_at),
        complete=visit.complete,
        counter=_place(address, visit.counter),
        party_size=visit.party_size,
        expression_thirds=_thirds(visit),
        companions=_companions(visit),
        abstained=abstained_share(len(visit.readings), visit.abstained),
    )


def _thirds(
    visit: EndedVisit,
) -> tuple[ExpressionMix | None, ExpressionMix | None, ExpressionMix | None] | None:
    parts = thirds(visit.readings, visit.started_at, visit.ended_at)
    return parts if any(parts) else None


def _companions(visit: EndedVisit) -> tuple[ExpressionMix, ...]:
    mixes = (mix(readings) for readings in visit.companions)
    return tuple(one for one in mixes if one is not None)[:MOST_COMPANIONS]


def _wait(address: Address, wait: EndedWait) -> Wait:
    return Wait(
        id=derived_id(
            wait.ended_at,
            address.topic(Stream.WAIT),
            wait.zone,
            wait.track_id,
            _text(wait.started_at),
        ),
        device=address.device,
        seq=_UNSTAMPED,
        observed_at=wait.ended_at,
        schema=STREAMS[Stream.WAIT].version,
        started_at=wait.started_at,
        wait_s=_seconds(wait.started_at, wait.ended_at),
        outcome=wait.outcome,
        counter=_place(address, wait.counter),
    )


def _observation(address: Address, window: EndedWindow) -> Observation:
    counter = _place(address, window.counter)
    place = () if counter is None else (counter,)
    return Observation(
        id=derived_id(
            window.ended_at, address.topic(Stream.OBSERVATION), str(window.window_s), *place
        ),
        device=address.device,
        seq=_UNSTAMPED,
        observed_at=window.ended_at,
        schema=STREAMS[Stream.OBSERVATION].version,
        window_s=window.window_s,
        frames=window.frames,
        fps=round(window.frames / window.window_s, 2),
        queue_length=window.queue_length,
        people_present=window.people_present,
        expression=window.expression,
        counter=counter,
        arrivals=window.arrivals,
    )


def _place(address: Address, counter: str | None) -> str | None:
    """Return the counter that a message names: none where it is the topic's own."""
    return None if counter == address.counter else counter


def _seconds(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), _SECONDS_DECIMALS)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
