"""URLs of cameras: what of them may be shown, and how they are written for a connection.

Their passwords come as people type them, with any letter and sign. This is the one place that
knows where a password can stand; the log and the line of a failed command pass through `redact`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*"
_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s:@/?#\[\]]+)"
_PLACE = re.compile(rf"(?P<place>{_HOST}(?::\d{{1,5}})?)(?=[/?#]|$)")
_ADDRESS = re.compile(
    r"(?:\[.*\]|localhost|\d{1,3}(?:\.\d{1,3}){3}|[^\s:@/?#]+\.[^\W\d_]{2,})(?::\d{1,5})?$",
    re.IGNORECASE,
)
_ESCAPES = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
_URL = re.compile(rf"\b{_SCHEME}://[^\s\"'<>|]*[^\s\"'<>|.,;:)]")
_CAMERA_SCHEMES = ("rtsp", "rtmp", "rtp", "srt", "mms", "tcp", "udp")
_SECRET_VALUE = re.compile(
    r"(?i)([?&;](?:[^=&;#\s]*(?:pass|pwd|token|secret|auth|key)[^=&;#\s]*|user(?:name)?|usr|login)=)"
    r"[^&;#\s]*"
)
_KEPT = "!$&'()*+,;=-._~"
"""Signs of a user or password that need no escape; letters of any language need none either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamUrl:
    """The parts of a URL as they were typed, apart from user and password, which are plain text."""

    scheme: str
    user: str
    password: str | None
    place: str
    rest: str

    @property
    def shown(self) -> str:
        """The URL for logs and messages: path and query may hold a password of their own."""
        return f"{self.scheme}://{self.place}{'/…' if self.rest.strip('/') else self.rest}"

    @property
    def connecting(self) -> str:
        """The URL as FFmpeg reads it: signs that end a user or a password are escaped."""
        if not self.user and self.password is None:
            return f"{self.scheme}://{self.place}{self.rest}"
        secret = "" if self.password is None else f":{_escape(self.password)}"
        return f"{self.scheme}://{_escape(self.user)}{secret}@{self.place}{self.rest}"


def parse(source: str) -> StreamUrl | None:
    """Return the parts of `source`, None when it is no URL with a place in it.

    A user and password may hold `@ # / : ?` and `%` unescaped: where the URL by its grammar names
    no address, what stands before the last `@` that an address follows is user and password. What
    consists of whole escapes in UTF-8, such as `%40`, is taken as escaped.
    """
    scheme, separator, rest = source.partition("://")
    if not separator or re.fullmatch(_SCHEME, scheme) is None:
        return None
    at = _place_begins(rest)
    match = _PLACE.match(rest, at)
    if match is None:
        return None
    user, colon, password = rest[: max(at - 1, 0)].partition(":")
    return StreamUrl(
        scheme=scheme.lower(),
        user=_plain(user),
        password=_plain(password) if colon else None,
        place=match["place"],
        rest=rest[match.end() :],
    )


def without_secrets(source: str) -> str:
    """Return a camera's source as it may be shown; what is no URL is returned as it is."""
    if "://" not in source:
        return source
    url = parse(source)
    return f"{source.partition('://')[0]}://…" if url is None else url.shown


def redact(text: str) -> str:
    """Return `text` with every URL in it without user, password and what else may be secret."""
    return _URL.sub(_redacted, text) if "://" in text else text


def _redacted(match: re.Match[str]) -> str:
    url = match[0]
    scheme = url.partition(":")[0].lower()
    if scheme.startswith(_CAMERA_SCHEMES):
        return without_secrets(url)
    parts = parse(url) if "@" in url else None
    shown = url if parts is None else f"{parts.scheme}://{parts.place}{parts.rest}"
    return _SECRET_VALUE.sub(r"\1…", shown)


def _place_begins(rest: str) -> int:
    """Return where host and port stand in what follows `://`."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    by_grammar = authority.rfind("@") + 1
    user_and_more, at, _ = rest.partition("@")
    if not at or ":" not in user_and_more or _ADDRESS.match(authority[by_grammar:]):
        return by_grammar
    places = {m.end(): _PLACE.match(rest, m.end()) for m in re.finditer("@", rest)}
    found = {begins: match["place"] for begins, match in places.items() if match is not None}
    addresses = [begins for begins, place in found.items() if _ADDRESS.match(place)]
    return max(addresses or found, default=by_grammar)


def _plain(typed: str) -> str:
    if "%" in typed and _ESCAPES.fullmatch(typed):
        try:
            return unquote(typed, errors="strict")
        except UnicodeDecodeError:
            return typed
    return typed


def _escape(plain: str) -> str:
    """Escape the ASCII signs alone: FFmpeg keeps 127 bytes of user and password."""
    return "".join(one if ord(one) > 0x7F else quote(one, safe=_KEPT) for one in plain)
