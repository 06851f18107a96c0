"""Paths of people through a scene: citizens who wait and are served, and those who only pass."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from edge.capture.synthetic.timeline import Appearance, Portrait
from tests.scenarios.scripts import Person, Role, Step, jitter

OUTSIDE = 0.25
"""So far beyond the picture's edge that not even a shoulder shows."""

_WALK_IN_S, _STEP_UP_S, _WALK_OUT_S = 2.4, 1.8, 2.4
_ENTRANCE_DEPTH, _EXIT_DEPTH = 0.95, 0.28

Place = tuple[float, float]
"""(x, depth)."""


def appearance(random: Random) -> Appearance:
    """Return one of the portraits that may be shipped, varied."""
    return Appearance(
        portrait=random.choice(tuple(Portrait)),
        mirrored=random.random() < 0.5,
        hue_deg=random.randrange(0, 360, 10),
        light=round(random.uniform(0.85, 1.1), 2),
    )


def citizen(
    random: Random,
    *,
    arrives_s: float,
    leaves_s: float,
    wait: Place | None = None,
    served: Sequence[tuple[float, Place]] = (),
    leaves_through_hall: bool = False,
    entrance_depth: float = _ENTRANCE_DEPTH,
    **traits: object,
) -> Person:
    """Return someone who comes, waits at `wait`, is `served` at counters one after another, goes.

    `served` are the times at which they set off and the places at the counter. Without any they
    leave unserved. `traits` are fields of Person.
    """
    first = wait or served[0][1]
    side = _side(first[0] < 0.5)
    entrance = entrance_depth if wait is not None else _EXIT_DEPTH
    path = [Step(at_s=arrives_s, x=side, depth=entrance)]
    if wait is not None:
        path.append(
            Step(at_s=arrives_s + jitter(random, _WALK_IN_S, 0.4), x=wait[0], depth=wait[1])
        )
    for sets_off_s, (x, depth) in served:
        last = path[-1]
        if sets_off_s > last.at_s:
            path.append(Step(at_s=sets_off_s, x=last.x, depth=last.depth))
        path.append(Step(at_s=sets_off_s + jitter(random, _STEP_UP_S, 0.3), x=x, depth=depth))
    last = path[-1]
    path.append(Step(at_s=leaves_s, x=last.x, depth=last.depth))
    out = _side(last.x < 0.5)
    walk_out_s = jitter(random, _WALK_OUT_S, 0.4)
    if not served:
        path.append(Step(at_s=leaves_s + walk_out_s, x=side, depth=entrance_depth))
    elif leaves_through_hall:
        path.append(Step(at_s=leaves_s + 1.6 * walk_out_s, x=out, depth=_ENTRANCE_DEPTH))
    else:
        path.append(Step(at_s=leaves_s + walk_out_s, x=out, depth=_EXIT_DEPTH))
    return _person(random, path, **traits)


def passer_by(
    random: Random, *, at_s: float, takes_s: float, depth: float, to_right: bool, **traits: object
) -> Person:
    """Return someone who crosses the picture at `depth` within `takes_s` without stopping."""
    start, end = (-OUTSIDE, 1 + OUTSIDE) if to_right else (1 + OUTSIDE, -OUTSIDE)
    path = [
        Step(at_s=at_s, x=start, depth=depth),
        Step(at_s=at_s + takes_s, x=end, depth=jitter(random, depth, 0.02)),
    ]
    return _person(random, path, role=Role.PASSER_BY, **traits)


def absent(person: Person, *, from_s: float, seconds: float, x: float, depth: float) -> Person:
    """Return `person` stepping aside to (x, depth) and back, away for about `seconds`."""
    before = [step for step in person.path if step.at_s <= from_s]
    after = [step for step in person.path if step.at_s > from_s]
    here = before[-1]
    turn_s = min(0.9, seconds / 2)
    aside = [
        Step(at_s=from_s, x=here.x, depth=here.depth),
        Step(at_s=from_s + turn_s, x=x, depth=depth),
        Step(at_s=from_s + seconds, x=x, depth=depth),
        Step(at_s=from_s + seconds + turn_s, x=here.x, depth=here.depth),
    ]
    return Person(
        figure=person.figure,
        path=(*before, *aside, *after),
        role=person.role,
        party=person.party,
        lower=person.lower,
        size=person.size,
        phase=person.phase,
        covered=person.covered,
    )


def _person(random: Random, path: Sequence[Step], **traits: object) -> Person:
    traits.setdefault("figure", appearance(random))
    return Person(path=tuple(path), phase=random.uniform(0, 6.28), **traits)  # type: ignore[arg-type]


def _side(left: bool) -> float:
    return -OUTSIDE if left else 1 + OUTSIDE
