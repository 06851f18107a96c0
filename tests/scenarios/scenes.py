"""The twelve scenes, each two minutes long; a seed makes each the same every time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from tests.scenarios.people import absent, citizen, passer_by
from tests.scenarios.scripts import Person, Scene, ScriptedZone, Stream, jitter

DURATION_S = 120.0

ONE_COUNTER = (
    ScriptedZone(name="service", kind="service", corners=(0.22, 0.42, 0.78, 0.90)),
    ScriptedZone(name="waiting", kind="waiting", corners=(0.0, 0.0, 1.0, 0.42)),
)
TWO_COUNTERS = (
    ScriptedZone(
        name="left", kind="service", corners=(0.04, 0.42, 0.48, 0.90), counter="counter-1"
    ),
    ScriptedZone(
        name="right", kind="service", corners=(0.52, 0.42, 0.96, 0.90), counter="counter-2"
    ),
    ScriptedZone(name="waiting", kind="waiting", corners=(0.0, 0.0, 1.0, 0.42)),
)
FROM_BEHIND = (
    ScriptedZone(name="table", kind="service", corners=(0.46, 0.0, 0.76, 0.42)),
    ScriptedZone(name="waiting", kind="waiting", corners=(0.02, 0.0, 0.40, 0.42)),
)


def scenes() -> tuple[Scene, ...]:
    """Return all scenes; the one of three camera rates is three of them."""
    return (
        _single(),
        _two_counters(),
        _parties(),
        _passers_by(),
        _occlusion(),
        _brief_exits(),
        _crowd(),
        _backs(),
        _lights(),
        _shaken(),
        _rate("rate_5", Stream(fps=5, dropped=0.10, repeated=0.10), 11),
        _rate("rate_10", Stream(fps=10, dropped=0.15, repeated=0.10), 12),
        _rate("rate_30", Stream(fps=30, dropped=0.20, repeated=0.15), 13),
        _heights(),
    )


def _served_in_turn(
    random: Random,
    *,
    count: int,
    first_s: float = 0.5,
    each_s: float = 16.0,
    x: float = 0.5,
    spread: float = 0.4,
    through_hall: bool = False,
    traits: Callable[[int], dict[str, object]] = lambda _index: {},
) -> list[Person]:
    """Return citizens who come one after another to one counter; each sees the one before leave."""
    people = []
    sets_off_s = first_s + 5
    for index in range(count):
        leaves_s = sets_off_s + jitter(random, each_s - 4.5, 1.5)
        people.append(
            citizen(
                random,
                arrives_s=max(first_s, sets_off_s - jitter(random, 9, 4)),
                wait=(
                    jitter(random, x + spread * (index % 2 - 0.5), 0.07),
                    jitter(random, 0.83, 0.05),
                ),
                served=[(sets_off_s, (jitter(random, x, 0.04), jitter(random, 0.1, 0.06)))],
                leaves_s=leaves_s,
                leaves_through_hall=through_hall and index % 2 == 0,
                **traits(index),
            )
        )
        sets_off_s = leaves_s + jitter(random, 2.5, 0.5)
    return people


def _scene(
    name: str,
    title: str,
    seed: int,
    people: Sequence[Person],
    zones: tuple[ScriptedZone, ...] = ONE_COUNTER,
    **more: object,
) -> Scene:
    return Scene(
        name=name,
        title=title,
        seed=seed,
        duration_s=DURATION_S,
        people=tuple(people),
        zones=zones,
        **more,  # type: ignore[arg-type]
    )


def _single() -> Scene:
    random = Random(1)
    people = _served_in_turn(random, count=6, through_hall=True)
    people.append(
        citizen(random, arrives_s=40, wait=(0.88, 0.9), leaves_s=62)  # goes away unserved
    )
    return _scene("single", "one counter, one citizen after another, one gives up", 1, people)


def _two_counters() -> Scene:
    random = Random(2)
    left = _served_in_turn(random, count=5, x=0.24, each_s=20, spread=0.2)
    right = _served_in_turn(random, count=4, x=0.76, each_s=21, first_s=3, spread=0.2)
    handed_over = citizen(
        random,
        arrives_s=88,
        wait=(0.5, 0.8),
        served=[(101, (0.74, 0.1)), (109, (0.26, 0.1))],
        leaves_s=117,
    )
    both = [p for p in (*left, *right) if p.path[-1].at_s < 99]
    return _scene(
        "two_counters",
        "two counters and one hall; one citizen is sent on from one to the other",
        2,
        [*both, handed_over],
        TWO_COUNTERS,
    )


def _parties() -> Scene:
    random = Random(3)
    people: list[Person] = []
    sets_off_s = 6.0
    for index, size in enumerate((2, 1, 3, 1, 2, 2, 1)):
        leaves_s = sets_off_s + jitter(random, 10.5, 1.5)
        arrives_s = sets_off_s - jitter(random, 5, 0.4)
        for member in range(size):
            lag_s = jitter(random, 0.5 * member, 0.15)
            people.append(
                citizen(
                    random,
                    arrives_s=arrives_s + lag_s,
                    wait=(0.32 + 0.2 * (index % 2) + 0.13 * member, jitter(random, 0.84, 0.02)),
                    served=[
                        (
                            sets_off_s + lag_s,
                            (0.5 + 0.19 * (member - (size - 1) / 2), 0.1 + 0.06 * member),
                        )
                    ],
                    leaves_s=leaves_s + 0.6 * lag_s,
                    party=f"party-{index}",
                )
            )
        sets_off_s = leaves_s + 4.5
    return _scene("parties", "citizens alone, in twos and in threes", 3, people)


def _passers_by() -> Scene:
    random = Random(4)
    people = _served_in_turn(random, count=5, each_s=19)
    for index in range(9):
        people.append(
            passer_by(
                random,
                at_s=8 + 12 * index + random.uniform(0, 4),
                takes_s=random.uniform(3.0, 7.0),
                depth=(0.2, 0.4, 0.85)[index % 3],
                to_right=index % 2 == 0,
            )
        )
    return _scene("passers_by", "people cross the hall and the counter's front", 4, people)


def _occlusion() -> Scene:
    random = Random(5)

    def papers(index: int) -> dict[str, object]:
        start_s = 10.0 + 16 * index
        return {"covered": ((start_s, start_s + jitter(random, 1.8, 0.5)),)}

    people = _served_in_turn(random, count=6, traits=papers)
    people += [
        citizen(random, arrives_s=20, wait=(0.62, 0.92), leaves_s=70),
        citizen(random, arrives_s=45, wait=(0.18, 0.92), leaves_s=100),
    ]
    people += [
        passer_by(random, at_s=at_s, takes_s=6.0, depth=0.72, to_right=at_s % 2 == 0)
        for at_s in (32, 51, 76, 93)
    ]
    return _scene(
        "occlusion", "people walk in front of those who wait, papers hide faces", 5, people
    )


def _brief_exits() -> Scene:
    random = Random(6)
    people = []
    for index, one in enumerate(_served_in_turn(random, count=5, each_s=22)):
        at_s = one.path[-2].at_s - jitter(random, 7, 1)
        aside_x = 0.1 if index % 2 == 0 else 0.9
        seconds = jitter(random, 1.4, 0.4)
        people.append(absent(one, from_s=at_s, seconds=seconds, x=aside_x, depth=0.15))
    return _scene("brief_exits", "the served step aside for a moment and come back", 6, people)


def _crowd() -> Scene:
    random = Random(7)
    places = [(0.09 + 0.117 * index, 0.80 + 0.12 * (index % 2)) for index in range(8)]
    people = []
    for index in range(8):
        sets_off_s = 34.0 + 13.5 * index
        x, depth = places[index]
        serve = sets_off_s + 12 < DURATION_S - 4
        people.append(
            citizen(
                random,
                arrives_s=1.0 + 2.6 * index,
                wait=(x, jitter(random, depth, 0.01)),
                served=[(sets_off_s, (jitter(random, 0.5, 0.04), 0.1))] if serve else (),
                leaves_s=sets_off_s + 10.0 if serve else DURATION_S - 8 + index * 0.5,
            )
        )
    return _scene("crowd", "eight wait, and go up one after another", 7, people)


def _backs() -> Scene:
    random = Random(8)
    people = []
    sets_off_s = 6.0
    for index in range(7):
        leaves_s = sets_off_s + jitter(random, 10, 2)
        people.append(
            citizen(
                random,
                arrives_s=max(0.5, sets_off_s - 7),
                wait=(jitter(random, 0.22, 0.06), jitter(random, 0.32, 0.03)),
                served=[(sets_off_s, (jitter(random, 0.61, 0.02), jitter(random, 0.25, 0.03)))],
                leaves_s=leaves_s,
                entrance_depth=0.3,
                figure=index % 3,
                lower=-0.5,
                size=0.55,
            )
        )
        sets_off_s = leaves_s + 4.0
    return _scene(
        "backs", "everybody is seen from behind, and nobody's face", 8, people, FROM_BEHIND,
        backs=True,
    )  # fmt: skip


def _lights() -> Scene:
    random = Random(9)
    dark = ((54.0, 67.0),)

    def light(at_s: float) -> float:
        if any(start <= at_s < end for start, end in dark):
            return 0.02
        if 20 <= at_s < 21.2:
            return 0.05  # flickers
        return 0.45 if 80 <= at_s < 105 else 1.0

    people = _served_in_turn(random, count=6, each_s=17)
    return _scene(
        "lights", "lights flicker, go off for 13 s and come back, then dim", 9, people,
        light=light, dark=dark,
    )  # fmt: skip


def _shaken() -> Scene:
    random = Random(10)

    def view(at_s: float) -> tuple[float, float]:
        if 30 <= at_s < 34:
            return 0.012 * math.sin(40 * at_s), 0.012 * math.cos(31 * at_s)
        return (0.22, 0.05) if at_s >= 84 else (0.0, 0.0)

    people = _served_in_turn(random, count=6, each_s=15.5)
    kept = [person for person in people if person.path[-1].at_s < 82]
    moved = [person for person in people if person.path[0].at_s > 86]
    return _scene(
        "shaken", "the camera is shaken at 30 s and turned aside at 84 s", 10,
        [*kept, *(replace(person, party=None) for person in moved)], view=view,
    )  # fmt: skip


def _rate(name: str, stream: Stream, seed: int) -> Scene:
    random = Random(11)  # the same people at each rate
    people = _served_in_turn(random, count=6, through_hall=True)
    people.append(passer_by(random, at_s=30, takes_s=4.5, depth=0.3, to_right=True))
    title = f"{stream.fps:g} frames a second, some dropped, some repeated"
    return _scene(name, title, seed, people, stream=stream)


def _heights() -> Scene:
    random = Random(14)
    sizes = ((0.10, 0.75), (0.0, 1.0), (0.12, 0.9), (0.14, 0.7), (0.0, 1.05), (0.12, 0.85))

    def height(index: int) -> dict[str, object]:
        lower, size = sizes[index]
        return {"lower": lower, "size": size}

    people = _served_in_turn(random, count=6, traits=height)
    return _scene("heights", "children and people in wheelchairs among others", 14, people)
