"""What really happens in a scene, from its script alone: no model and no tracker has a say.

A visit lasts from the moment a head's centre enters a counter's zone until it leaves it for good;
absences up to `BRIEF_S` belong to it. A wait is the same in a waiting zone. Those who came together
and stood at one counter at the same time are one party and have one visit.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tests.scenarios.scripts import Person, Role, Scene, ScriptedZone

BRIEF_S = 3.0
_STEP_S = 0.02
_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueVisit:
    """One party's visit, in seconds of the scene. `wait_s` is None where nobody waited."""

    counter: str
    started_s: float
    ended_s: float
    wait_s: float | None
    party: int
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueWait:
    """One person's wait, in seconds of the scene."""

    started_s: float
    ended_s: float
    is_served: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stay:
    person: Person
    zone: ScriptedZone
    started_s: float
    ended_s: float


def true_visits(scene: Scene) -> list[TrueVisit]:
    """Return the visits of `scene`, in the order of their beginning."""
    visits = []
    for group in _parties([*_split_by_darkness(scene, _stays(scene, "service"))]):
        first, last = min(s.started_s for s in group), max(s.ended_s for s in group)
        waits = [wait for stay in group if (wait := _wait_before(scene, stay)) is not None]
        visits.append(
            TrueVisit(
                counter=group[0].zone.counter or "counter-1",
                started_s=first,
                ended_s=last,
                wait_s=max(waits, default=None),
                party=len({id(stay.person) for stay in group}),
                complete=not any(abs(last - start_s) < 2 * _STEP_S for start_s, _ in scene.dark),
            )
        )
    return sorted(visits, key=lambda visit: visit.started_s)


def true_waits(scene: Scene) -> list[TrueWait]:
    """Return the waits of `scene` that darkness did not touch, in the order of their end."""
    served = {id(stay.person): stay.started_s for stay in reversed(_stays(scene, "service"))}
    waits = []
    for stay in _stays(scene, "waiting"):
        served_s = served.get(id(stay.person))
        if served_s is not None and stay.started_s > served_s:
            continue  # on the way out
        if any(stay.started_s < end and start < stay.ended_s for start, end in scene.dark):
            continue
        waits.append(
            TrueWait(started_s=stay.started_s, ended_s=stay.ended_s, is_served=served_s is not None)
        )
    return sorted(waits, key=lambda wait: wait.ended_s)


def true_queue(scene: Scene) -> list[float]:
    """Return the median number of people who wait, window after window of 5 s."""
    stays = _stays(scene, "waiting")
    served = {id(stay.person): stay.started_s for stay in reversed(_stays(scene, "service"))}
    waiting = [s for s in stays if s.started_s <= served.get(id(s.person), float("inf"))]
    windows = []
    for window in range(int(scene.duration_s / _WINDOW_S)):
        times = [window * _WINDOW_S + 0.1 * tenth for tenth in range(int(_WINDOW_S * 10))]
        windows.append(
            statistics.median_low(
                sum(stay.started_s <= at_s <= stay.ended_s for stay in waiting) for at_s in times
            )
        )
    return windows


@lru_cache(maxsize=64)
def _stays(scene: Scene, kind: str) -> tuple[_Stay, ...]:
    zones = [zone for zone in scene.zones if zone.kind == kind]
    return tuple(
        stay
        for person in scene.people
        if person.role is Role.CITIZEN
        for zone in zones
        for stay in _in_zone(scene, person, zone)
    )


def _in_zone(scene: Scene, person: Person, zone: ScriptedZone) -> Iterator[_Stay]:
    started_s: float | None = None
    seen_s = 0.0
    for index in range(int(scene.duration_s / _STEP_S)):
        at_s = index * _STEP_S
        pose = person.pose(at_s)
        inside = pose is not None and zone.contains(pose.x, pose.y)
        if inside:
            started_s = at_s if started_s is None else started_s
            seen_s = at_s
        elif started_s is not None and at_s - seen_s > BRIEF_S:
            yield _Stay(person=person, zone=zone, started_s=started_s, ended_s=seen_s)
            started_s = None
    if started_s is not None:
        yield _Stay(person=person, zone=zone, started_s=started_s, ended_s=seen_s)


def _split_by_darkness(scene: Scene, stays: Sequence[_Stay]) -> Iterator[_Stay]:
    for stay in stays:
        started_s = stay.started_s
        for dark_s, light_s in scene.dark:
            if dark_s <= started_s < light_s:
                started_s = light_s
            if started_s < dark_s < stay.ended_s:
                yield _Stay(person=stay.person, zone=stay.zone, started_s=started_s, ended_s=dark_s)
                started_s = light_s
        if started_s < stay.ended_s:
            yield _Stay(
                person=stay.person, zone=stay.zone, started_s=started_s, ended_s=stay.ended_s
            )


def _parties(stays: Sequence[_Stay]) -> list[list[_Stay]]:
    groups: list[list[_Stay]] = []
    for stay in sorted(stays, key=lambda one: one.started_s):
        for group in groups:
            if any(_together(stay, other) for other in group):
                group.append(stay)
                break
        else:
            groups.append([stay])
    return groups


def _together(one: _Stay, other: _Stay) -> bool:
    return (
        one.person.party is not None
        and one.person.party == other.person.party
        and one.zone is other.zone
        and one.started_s < other.ended_s
        and other.started_s < one.ended_s
    )


def _wait_before(scene: Scene, service: _Stay) -> float | None:
    """Return how long this person waited before their first service, None before a later one."""
    first = min(
        stay.started_s for stay in _stays(scene, "service") if stay.person is service.person
    )
    if service.started_s > first:
        return None  # a hand-over, or what is left of a visit after darkness
    waits = [
        stay
        for stay in _stays(scene, "waiting")
        if stay.person is service.person and stay.started_s < service.started_s
    ]
    return waits[-1].ended_s - waits[-1].started_s if waits else None
