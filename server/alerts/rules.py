"""What a rule is: where its figure comes from, when it speaks, to whom, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, NoReturn

from pydantic import ConfigDict

from contract.readings import Measure
from server.alerts.alerts import Severity
from server.alerts.charts import RuleSet, Side
from server.errors import RuleInvalid
from server.periods import Step


class Chart(StrEnum):
    """How a rule judges. A threshold looks at figures of now, after every change; the others look
    at closed days or weeks, once a day at a fixed time.

    `share`: the newest days' share against the unit's own closed weeks, over-dispersed as in
    Laney's p-prime, and Benjamini-Hochberg over all units of a look. `xmr`: a week's figure
    against the weeks before, with a named rule set. `ewma`: the same, smoothed with weight 0.2.
    """

    THRESHOLD = "threshold"
    SHARE = "share"
    XMR = "xmr"
    EWMA = "ewma"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text in both languages."""

    vi: str
    en: str

    def __post_init__(self) -> None:
        if not self.vi.strip() or not self.en.strip():
            raise RuleInvalid("a text has to be there in both languages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who is told as well when nobody has taken the alert for so many working hours."""

    after_h: float
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a rule may look at: a KPI, or a signal that no KPI tells.

    `low` and `high` bound its values: a threshold outside them would fire always or never. An
    `opinion` is shown by readings alone, which withhold what would tell of few.
    """

    id: str
    charts: frozenset[Chart]
    measure: Measure = Measure.COUNT
    low: float = 0.0
    high: float = float("inf")
    opinion: bool = False


_NOW = frozenset({Chart.THRESHOLD})
_SHARES = frozenset({Chart.SHARE})
_WEEKS = frozenset({Chart.XMR, Chart.EWMA})

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        source.id: source
        for source in (
            Source(id="expected_wait", charts=_NOW, measure=Measure.SECONDS),
            Source(id="people_waiting", charts=_NOW),
            Source(id="nobody_served", charts=_NOW),
            Source(id="device_silence", charts=_NOW, measure=Measure.SECONDS),
            Source(id="camera_hidden", charts=_NOW, high=2.0),
            Source(id="clock_offset", charts=_NOW, measure=Measure.SECONDS),
            Source(id="outbox_depth", charts=_NOW),
            Source(id="ingest_delay", charts=_NOW, measure=Measure.SECONDS),
            Source(id="failing_jobs", charts=_NOW),
            Source(id="device_disk_mb", charts=_NOW),
            Source(id="server_disk_free", charts=_NOW, measure=Measure.SHARE, high=1.0),
            Source(id="backup_age", charts=_NOW, measure=Measure.SECONDS),
            Source(id="dossiers_due_soon", charts=_NOW, measure=Measure.SHARE, high=1.0),
            Source(id="complaints_near_deadline", charts=_NOW),
            Source(
                id="share_satisfied", charts=_SHARES, measure=Measure.SHARE, high=1.0, opinion=True
            ),
            Source(
                id="suspect_share", charts=_SHARES, measure=Measure.SHARE, high=1.0, opinion=True
            ),
            Source(id="prompt_rate", charts=_SHARES, measure=Measure.SHARE, high=1.0, opinion=True),
            Source(id="abandonment", charts=_SHARES, measure=Measure.SHARE, high=1.0),
            Source(id="dossiers_overdue", charts=_WEEKS),
            Source(id="complaints_overdue", charts=_WEEKS),
            Source(id="expression_drift", charts=_WEEKS, measure=Measure.INDEX, opinion=True),
        )
    }
)
"""By id; one with the id of a KPI is that KPI, with the least n that the rule names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of one version. Thresholds are in the source's unit: seconds, persons, a share.

    `hold_s` is how long the figure must stay beyond `raise_at`; it has ended once the figure is
    not beyond `clear_at`. With `group_share`, as large a part of the units at a time is one cause:
    the province's. `silenced_by` names rules whose alert explains this one in the same place.
    `window` are the newest worked days that a look at shares judges, `baseline` the weeks before
    them; `rate` is its false discovery rate, `least_change` what is worth telling.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: str
    version: int
    valid_from: date
    name: Said
    runbook: Said
    severity: Severity
    source: str
    chart: Chart
    side: Side
    to: tuple[str, ...]
    enabled: bool = True
    least_n: int = 1
    raise_at: float | None = None
    clear_at: float | None = None
    hold_s: float = 0.0
    fresh_for_s: float = 120.0
    only_open: bool = False
    look_at: time = time(18, 0)
    step: Step = Step.DAY
    window: int = 3
    baseline: int = 8
    rate: float = 0.1
    least_change: float = 0.0
    rules: RuleSet = RuleSet.NHS
    group_share: float | None = None
    silenced_by: tuple[str, ...] = ()
    again_within_s: float = 3_600.0
    escalate: tuple[Escalation, ...] = ()

    def __post_init__(self) -> None:
        check(self)

    @property
    def is_live(self) -> bool:
        """Whether it is judged after every change, not at fixed times."""
        return self.chart is Chart.THRESHOLD

    def beyond(self, value: float, *, firing: bool) -> bool:
        """Return whether a value is beyond the threshold that holds: hysteresis while it fires."""
        level = self.clear_at if firing else self.raise_at
        assert level is not None  # checked for every rule with a threshold
        return value > level if self.side is Side.ABOVE else value < level


def check(rule: Rule) -> None:
    """Raise RuleInvalid for what contradicts itself, names nothing, or would fire always."""
    source = SOURCES.get(rule.source)
    if source is None:
        _refuse(rule, "source", f"{rule.source!r} is none of {', '.join(sorted(SOURCES))}")
    if rule.chart not in source.charts:
        _refuse(rule, "chart", f"{source.id} is judged by {', '.join(sorted(source.charts))}")
    if rule.least_n < 1 or rule.version < 1:
        _refuse(rule, "least_n", "least_n and version are whole numbers from 1 on")
    if not rule.to:
        _refuse(rule, "to", "nobody would be told")
    if rule.group_share is not None and not 0 < rule.group_share <= 1:
        _refuse(rule, "group_share", "is a share between 0 and 1")
    if rule.is_live:
        _check_threshold(rule, source)
    else:
        _check_look(rule)


def _check_threshold(rule: Rule, source: Source) -> None:
    if rule.raise_at is None or rule.clear_at is None:
        _refuse(rule, "raise_at", "a threshold needs raise_at and clear_at")
    if (rule.clear_at - rule.raise_at) * rule.side.sign > 0:
        _refuse(rule, "clear_at", "contradicts raise_at: it would end before it begins")
    least, most = (source.low, source.high)
    always = rule.raise_at < least if rule.side is Side.ABOVE else rule.raise_at > most
    never = rule.raise_at >= most if rule.side is Side.ABOVE else rule.raise_at <= least
    if always:
        _refuse(rule, "raise_at", f"would fire always: {source.id} is from {least:g} on")
    if never:
        _refuse(rule, "raise_at", f"would never fire: {source.id} lies in {least:g} to {most:g}")
    if rule.hold_s < 0 or rule.fresh_for_s <= 0:
        _refuse(rule, "hold_s", "times are not negative")


def _check_look(rule: Rule) -> None:
    if rule.raise_at is not None or rule.clear_at is not None:
        _refuse(rule, "raise_at", f"a chart of {rule.chart} makes its own limits")
    if not 0 < rule.rate <= 0.5:
        _refuse(rule, "rate", "would fire always: a false discovery rate is above 0, at most 0.5")
    if rule.window < 1 or rule.baseline < 4:
        _refuse(rule, "baseline", "needs a window from 1 and a baseline from 4 weeks on")
    if rule.chart is Chart.SHARE and rule.step is not Step.DAY:
        _refuse(rule, "step", "shares are judged by day")
    if rule.chart is not Chart.SHARE and rule.step is not Step.WEEK:
        _refuse(rule, "step", f"{rule.chart} is judged by week")


def _refuse(rule: Rule, field: str, problem: str) -> NoReturn:
    raise RuleInvalid(f"rule {rule.id}: {field}: {problem}")
