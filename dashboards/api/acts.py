"""What becomes of an act that a person does on a desk page: done, or why not."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx

from dashboards.api.asking import asking

_PURPOSE = b"acts of desk pages"


class Verdict(StrEnum):
    """How an act ended; `desk.acts.<verdict>` is its sentence."""

    DONE = "done"
    REFUSED = "refused"
    """Something that was entered is not taken."""
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    """Somebody came first, or it is not the time for it."""
    GONE = "gone"
    SIGNED_OUT = "signed_out"
    OLD_PAGE = "old_page"
    """The page was made for somebody else, or before the last sign-in."""
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an act ended; `reason` in the API's words, `value` is what it answered.

    `place` names what is wrong of a text that whoever acts has written: a line, a field.
    """

    verdict: Verdict
    reason: str = ""
    place: str = ""
    fields: tuple[str, ...] = ()
    value: Mapping[str, Any] = field(default_factory=dict)


_VERDICTS = {
    401: Verdict.SIGNED_OUT,
    403: Verdict.FORBIDDEN,
    404: Verdict.GONE,
    409: Verdict.CONFLICT,
}


def outcome_of(response: httpx.Response) -> Outcome:
    """Return how the act ended that was answered with `response`."""
    if response.is_success:
        return Outcome(verdict=Verdict.DONE, value=_object(response))
    said = _object(response).get("detail", "")
    if response.is_server_error:
        return Outcome(verdict=Verdict.AWAY, reason=str(said))
    verdict = _VERDICTS.get(response.status_code, Verdict.REFUSED)
    if isinstance(said, list):
        fields = tuple(str(each["loc"][-1]) for each in said if each.get("loc"))
        reasons = "; ".join(str(each.get("msg", "")) for each in said)
        return Outcome(verdict=verdict, reason=reasons, fields=fields, value=_object(response))
    return Outcome(verdict=verdict, reason=str(said), value=_object(response))


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def proof() -> str:
    """Return what a page has to show again with an act, made from the token of whoever asks.

    No page of another site can know it, and it is void once somebody else has signed in.
    """
    token = (asking().token or "").encode()
    return hmac.new(token, _PURPOSE, hashlib.sha256).hexdigest()


def is_proven(shown: str | None) -> bool:
    """Return whether a page shows the proof of whoever asks now."""
    return hmac.compare_digest(proof(), shown or "")
