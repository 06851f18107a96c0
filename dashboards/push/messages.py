"""What a wall's browser is sent: the scene whose turn it is, and what changes in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboards.push.nodes import to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One wall at one moment.

    `frame` is the JSON of everything that stays while the scene does; `parts` are by name the JSON
    of what stands in its places; `times` are by tile the time in ms of the data that it shows,
    which changes much more often than what it says.
    """

    frame: str
    parts: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, int | None] = field(default_factory=dict)


def whole(rendered: Rendered) -> str:
    """Return the message that builds the wall in a browser that has nothing yet."""
    return (
        f'{{"kind":"whole","frame":{rendered.frame},'
        f'"parts":{_object(rendered.parts)},"times":{to_json(rendered.times)}}}'
    )


def changes(old: Rendered, new: Rendered) -> str | None:
    """Return the message that leads from `old` to `new`, None where nothing changed."""
    if old.frame != new.frame:
        return whole(new)
    parts = {name: each for name, each in new.parts.items() if old.parts.get(name) != each}
    times = {name: ms for name, ms in new.times.items() if old.times.get(name) != ms}
    if not parts and not times:
        return None
    return f'{{"kind":"parts","parts":{_object(parts)},"times":{to_json(times)}}}'


def _object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
