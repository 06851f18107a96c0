"""Which pages may rate: the kiosk's own, also behind a proxy that gives it another name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_SAME_ORIGIN = "same-origin"
_BY_NO_PAGE = {None, "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request of another page: where it says that it comes from, and for whom it came."""

    origin: str
    host: str

    @property
    def reason(self) -> str:
        """Why it is refused, and what to do where the page is the kiosk's own after all."""
        return (
            f"requests come from the kiosk's own page only: this one comes from {self.origin} and "
            f"reached the kiosk as {self.host}; let the proxy pass on the Host header, or name the "
            "page's host in [kiosk] hosts"
        )


def refusal(headers: Headers, hosts: Sequence[str]) -> Refusal | None:
    """Return why a request may not write, None when it comes from the kiosk's own page.

    `hosts` are further names of the kiosk, with or without a port. Programs without a browser send
    neither Origin nor Sec-Fetch-Site; no page can forge them.
    """
    site, origin, host = (headers.get(name) for name in ("sec-fetch-site", "origin", "host"))
    refused = Refusal(origin=origin or f"a {site} page", host=host or "no name")
    if site not in {_SAME_ORIGIN, *_BY_NO_PAGE}:
        return refused
    # The browser compares with the address that it shows: a proxy's, where there is one.
    if site == _SAME_ORIGIN or origin is None:
        return None
    place = urlsplit(origin).netloc
    names = {place, re.sub(r":\d+$", "", place)}
    return None if place == host or names & set(hosts) else refused
