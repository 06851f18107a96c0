"""What is compared of figures that were read anew with those of a stored version. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.closing.canonical import plain
from server.closing.editions import Edition
from server.closing.figures import Told
from server.closing.parts import Part, listed, of_format, with_changes_of

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """Figures and parts that were read anew, in the format of a stored version.

    Changes rest on the rows of the period before, too: `beside_another` says that its edition is
    not the one that was closed beside, or that it is not closed. Where they are other ones then
    (`moved`), the signed ones are kept in figures and parts.
    """

    figures: dict[str, Any]
    parts: tuple[Part, ...]
    beside_another: bool = False
    moved: bool = False


def anew(told: Told, stored: Said, signed: Sequence[Part], *, moving: bool = False) -> Anew:
    """Return what of the figures a stored document has, whatever its format, with `signed` parts.

    With `moving`, changes are those of now in any case.
    """
    now: dict[str, Any] = plain(told.figures)
    was = stored["figures"]
    parts = of_format(told.parts, stored["format"])
    beside_another = "before" in stored and not is_beside(told.before, stored)
    moved = False
    if beside_another and not moving:
        kept = with_changes_of(parts, signed)
        moved, parts = kept != parts, kept
    now["parts"] = listed(parts)
    figures = {name: now[name] for name in was if name in now}
    return Anew(figures=figures, parts=parts, beside_another=beside_another, moved=moved)


def is_beside(before: Edition | None, stored: Said) -> bool:
    """Return whether this is the closed edition of the period before that a document names."""
    named = stored["before"]
    return before is not None and (before.version, before.digest) == (
        named.get("version"),
        named.get("sha256"),
    )
