"""How far the data can be relied on: devices, cameras, messages, links, counts, expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.readings import Direction, Guard, KpiFamily, Measure
from server.facts.agreement import AGREEMENT, AgreementTotals
from server.facts.deliveries import DELIVERIES, DeliveryTotals
from server.facts.expression_drift import EXPRESSION_DRIFT, DriftTotals
from server.facts.expressions import ANONYMITY_FLOOR
from server.facts.link_shares import ALONE, AMBIGUOUS, LINK_SHARES, LinkCounts
from server.facts.links import LINKS, LinkTotals
from server.facts.watching import WATCHING, WatchingTotals
from server.kpi.agreement import FEWEST_PAIRS, agreement, stability_index
from server.kpi.computations import share
from server.kpi.definition import NO_DATA, Kpi, Moment, Result, estimated, too_few
from server.kpi.statistics import SHARE_MINIMUM_N, wilson

_HOUR_S = 3600


def share_of_time(
    part: str, whole: str
) -> Callable[[Kpi[WatchingTotals], WatchingTotals, Moment], Result]:
    """Return what computes part / whole of opening time; n are the whole's hours of counters."""

    def compute(_kpi: Kpi[WatchingTotals], totals: WatchingTotals, _moment: Moment) -> Result:
        whole_s: int = getattr(totals, whole)
        if whole_s == 0:
            return NO_DATA
        part_s: int = getattr(totals, part)
        hours = {"hours": part_s / _HOUR_S, "of_hours": whole_s / _HOUR_S}
        return Result(
            n=round(whole_s / _HOUR_S),
            value=part_s / whole_s,
            parts=hours,
            observed_at=totals.newest,
        )

    return compute


def count_agreement(kpi: Kpi[AgreementTotals], totals: AgreementTotals, _moment: Moment) -> Result:
    """Return by how many visits a counter's day differs from its tickets, in the mean."""
    if totals.pairs < kpi.minimum_n:
        return too_few(totals.pairs, totals.newest)
    found = agreement(totals.pairs, totals.difference, totals.difference_squared)
    parts = {
        "lower_limit": found.lower_limit,
        "upper_limit": found.upper_limit,
        "tickets": totals.tickets / totals.pairs,
    }
    return Result(
        n=totals.pairs,
        value=found.bias,
        low=found.low,
        high=found.high,
        parts=parts,
        observed_at=totals.newest,
    )


def late_messages(_kpi: Kpi[DeliveryTotals], totals: DeliveryTotals, _moment: Moment) -> Result:
    """Return the share of received messages that were late."""
    if totals.received == 0:
        return NO_DATA
    estimate = wilson(totals.late, totals.received)
    return estimated(estimate, totals.received, totals.newest)


def quarantined_messages(
    _kpi: Kpi[DeliveryTotals], totals: DeliveryTotals, _moment: Moment
) -> Result:
    """Return the share of all messages that could not be understood."""
    n = totals.received + totals.quarantined
    if n == 0:
        return NO_DATA
    return estimated(wilson(totals.quarantined, n), n, totals.newest)


def unlinked_ratings(_kpi: Kpi[LinkTotals], totals: LinkTotals, _moment: Moment) -> Result:
    """Return the share of ratings without an officer or a family of procedures."""
    if totals.ratings == 0:
        return NO_DATA
    estimate = wilson(totals.unlinked, totals.ratings)
    parts = {
        "without_officer": totals.without_officer / totals.ratings,
        "without_family": totals.without_family / totals.ratings,
    }
    return Result(
        n=totals.ratings,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        parts=parts,
        observed_at=totals.newest,
    )


def linked(kind: str) -> Callable[[Kpi[LinkCounts], LinkCounts, Moment], Result]:
    """Return what computes the share of one kind's subjects that are linked, by docs/links.md."""

    def compute(kpi: Kpi[LinkCounts], totals: LinkCounts, _moment: Moment) -> Result:
        found = totals.of(kind)
        n = sum(found.values())
        if n == 0:
            return NO_DATA
        hits = n - found.get(AMBIGUOUS, 0) - found.get(ALONE, 0)
        parts = {rule: count / n for rule, count in found.items()}
        if hits:
            parts["confidence"] = totals.sure.get(kind, 0.0) / hits
        return share(kpi, hits, n, None, {AMBIGUOUS: 0.0, ALONE: 0.0} | parts)

    return compute


def expression_drift(kpi: Kpi[DriftTotals], totals: DriftTotals, _moment: Moment) -> Result:
    """Return how far the mix of expressions is from that of the ninety days before."""
    n = min(totals.now.visits, totals.before.visits)
    if n < max(kpi.minimum_n, 1):
        return too_few(n, totals.newest)
    value = stability_index(totals.now.shares, totals.before.shares)
    return Result(n=n, value=value, observed_at=totals.newest)


KPIS: tuple[Kpi[Any], ...] = (
    Kpi(
        id="device_hours",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WATCHING,
        compute=share_of_time("heard_s", "open_s"),
        direction=Direction.HIGHER,
        formula="hours heard / hours open",
    ),
    Kpi(
        id="camera_hours",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WATCHING,
        compute=share_of_time("counted_s", "heard_s"),
        direction=Direction.HIGHER,
        formula="hours counted / hours heard",
    ),
    Kpi(
        id="count_agreement",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.INDEX,
        source=AGREEMENT,
        compute=count_agreement,
        minimum_n=FEWEST_PAIRS,
        direction=Direction.NEITHER,
        formula="d = visits - tickets; mean(d) ± t(n - 1) s/√n; limits mean(d) ± 2 s",
        reference="Bland, Altman (1986), Lancet 327, 307-310",
    ),
    Kpi(
        id="late_messages",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=DELIVERIES,
        compute=late_messages,
        direction=Direction.LOWER,
        formula="late / received",
    ),
    Kpi(
        id="quarantined_messages",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=DELIVERIES,
        compute=quarantined_messages,
        direction=Direction.LOWER,
        formula="quarantined / (received + quarantined)",
    ),
    Kpi(
        id="unlinked_ratings",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=LINKS,
        compute=unlinked_ratings,
        direction=Direction.LOWER,
        formula="(ratings without officer or family) / ratings",
    ),
    *(
        Kpi(
            id=id_,
            version=1,
            family=KpiFamily.OPERATION,
            measure=Measure.SHARE,
            source=LINK_SHARES,
            compute=linked(kind),
            direction=Direction.HIGHER,
            formula="linked / (linked + ambiguous + alone); Wilson",
        )
        for id_, kind in (
            ("linked_ratings", "rating_visit"),
            ("linked_visits", "visit_ticket"),
            ("linked_tickets", "ticket_dossier"),
            ("ratings_of_dossiers", "rating_dossier"),
        )
    ),
    Kpi(
        id="expression_drift",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.INDEX,
        source=EXPRESSION_DRIFT,
        compute=expression_drift,
        guard=Guard.EXPRESSION,
        minimum_n=max(SHARE_MINIMUM_N, ANONYMITY_FLOOR),
        direction=Direction.LOWER,
        formula="Σ (p - q) ln(p / q); p the mean mix of the period, q that of the 90 days before",
        reference="Yurdakul, Naranjo (2020), Journal of Risk Model Validation 14(4)",
    ),
)
