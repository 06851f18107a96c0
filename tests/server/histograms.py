"""Histograms made in Python as the database makes them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from server.facts.histograms import GAMMA, Histogram


def bin_of(value: float) -> int:
    return math.ceil(math.log(max(value, 1.0)) / math.log(GAMMA))


def histogram_of(values: Iterable[float]) -> Histogram:
    counts = Counter(map(bin_of, values))
    return Histogram.of(list(counts), list(counts.values()))
