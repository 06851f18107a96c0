"""How many requests one address may make in a minute that slides; kept in memory."""

from __future__ import annotations

from collections import OrderedDict, deque

_MINUTE_S = 60.0
_MOST_ADDRESSES = 20_000


class Limits:
    """Counts requests by address; of too many the longest silent are forgotten."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._made: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str, now_s: float) -> float:
        """Count a request at `now_s` (monotonic); return 0, or how long to wait."""
        made = self._made.setdefault(address, deque())
        self._made.move_to_end(address)
        while len(self._made) > _MOST_ADDRESSES:
            self._made.popitem(last=False)
        while made and now_s - made[0] >= _MINUTE_S:
            made.popleft()
        if len(made) >= self._per_minute:
            return _MINUTE_S - (now_s - made[0])
        made.append(now_s)
        return 0.0
