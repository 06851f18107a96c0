"""Dossiers and complaints of the simulated province, as the records that its systems would send."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate

import numpy as np

from contract.local_time import LOCAL_TIME
from motcua.history.places import PROCEDURES, HistoricProvince
from motcua.history.truths import Truths
from server.complaints.complaints import ComplaintRecord, Subject
from server.dossiers.dossiers import DossierRecord, Supplement
from server.procedures.procedures import Channel

SOURCE = "mo-phong"
DOSSIERS_A_VISITOR = 0.55
"""A commune has some 80 visitors and 60 dossiers a day, but many visitors only ask."""

_LIMITS_DAYS = (1, 2, 3, 5, 7, 10, 15, 20, 30)
_LIMIT_WEIGHTS = (0.18, 0.12, 0.2, 0.16, 0.1, 0.1, 0.08, 0.04, 0.02)
_CHANNELS, _CHANNEL_WEIGHTS = tuple(Channel), (0.5, 0.45, 0.05)
_CHANNEL_BOUNDS = tuple(accumulate(_CHANNEL_WEIGHTS))
_EFFORT_SIGMA = 0.45
"""Of the time taken as a part of the limit; its median is 0.5, so that some 6 % are late."""
_EFFORT_MEDIAN = 0.5
_SUPPLEMENTED, _WITHDRAWN, _REFUSED, _OTHER_AREA = 0.06, 0.01, 0.01, 0.08
_COMPLAINTS_A_DOSSIER = 0.004
_COMPLAINT_DAYS = 9.0
_SUBJECTS = tuple(Subject)
_SUBJECT_BOUNDS = tuple(accumulate((0.2, 0.35, 0.15, 0.15, 0.02, 0.05, 0.08)))
_OPENS_H, _CLOSES_H = 8.0, 16.8


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedProcedure:
    """One procedure with its family and its limit in working days."""

    code: str
    family: str
    name_vi: str
    name_en: str
    limit_days: int


def draw_procedures(place: HistoricProvince, seed: int) -> tuple[SimulatedProcedure, ...]:
    """Return the procedures of the province, the same number in each family."""
    chance = np.random.default_rng([seed, 5])
    limits = chance.choice(_LIMITS_DAYS, PROCEDURES, p=_LIMIT_WEIGHTS).tolist()
    families = place.families
    return tuple(
        SimulatedProcedure(
            code=f"MP.{index + 1:03}",
            family=families[index % len(families)].id,
            name_vi=f"Thủ tục mô phỏng {index + 1:03}",
            name_en=f"Simulated procedure {index + 1:03}",
            limit_days=limit,
        )
        for index, limit in enumerate(limits)
    )


class Records:
    """Draws the records of each day; `working` reaches far beyond the last day, for promises."""

    def __init__(
        self,
        place: HistoricProvince,
        truths: Truths,
        procedures: Sequence[SimulatedProcedure],
        working: Sequence[date],
        *,
        seed: int,
        share: float,
        until: datetime,
    ) -> None:
        self._place = place
        self._truths = truths
        self._procedures = procedures
        self._working = working
        self._seed = seed
        self._share = share
        self._until = until

    def dossiers(self, index: int) -> Iterator[DossierRecord]:
        """Yield the dossiers received on this working day, as they stand at the end."""
        day = self._working[index]
        chance = np.random.default_rng([self._seed, 6, day.toordinal()])
        units = self._place.units
        for number, unit in enumerate(units):
            count = int(chance.poisson(unit.visitors_a_day * DOSSIERS_A_VISITOR * self._share))
            for serial in range(count):
                yield self._dossier(
                    number, f"MP{number:03}-{day:%y%m%d}-{serial:04}", index, chance
                )

    def complaints(self, index: int) -> Iterator[ComplaintRecord]:
        """Yield the complaints received on the working day of this index."""
        day = self._working[index]
        chance = np.random.default_rng([self._seed, 7, day.toordinal()])
        for number, unit in enumerate(self._place.units):
            mean = unit.visitors_a_day * DOSSIERS_A_VISITOR * _COMPLAINTS_A_DOSSIER
            for serial in range(int(chance.poisson(mean))):
                received_at = self._at(index, chance)
                resolved_at = self._later(
                    index, float(chance.gamma(3.0, _COMPLAINT_DAYS / 3)), chance
                )
                satisfied = bool(chance.random() < 0.7)
                subject = _SUBJECTS[bisect_left(_SUBJECT_BOUNDS, chance.random())]
                officer = unit.officers[int(chance.integers(len(unit.officers)))]
                yield ComplaintRecord(
                    id=f"PAMP{number:03}-{day:%y%m%d}-{serial}",
                    source=SOURCE,
                    revision=self._until,
                    unit=unit.id,
                    received_at=received_at,
                    resolved_at=resolved_at,
                    satisfied=satisfied if resolved_at is not None else None,
                    officer=officer if subject is Subject.ATTITUDE else None,
                    subject=subject,
                )

    def _dossier(
        self, number: int, code: str, index: int, chance: np.random.Generator
    ) -> DossierRecord:
        unit = self._place.units[number]
        procedure = self._procedures[int(chance.integers(len(self._procedures)))]
        draws = chance.random(8).tolist()
        effort = _EFFORT_MEDIAN * float(np.exp(chance.normal(0, _EFFORT_SIGMA)))
        effort *= float(np.exp(-0.6 * self._truths.units[number]))
        received_at = self._at(index, chance)
        ended_at = self._later(index, effort * procedure.limit_days, chance)
        channel = _CHANNELS[bisect_left(_CHANNEL_BOUNDS, draws[0])]
        withdrawn, refused = draws[1] < _WITHDRAWN, draws[2] < _REFUSED
        ended = None if withdrawn or refused else ended_at
        area = int(chance.integers(len(self._place.units))) if draws[3] < _OTHER_AREA else number
        return DossierRecord(
            code=code,
            source=SOURCE,
            revision=self._until,
            procedure=procedure.code,
            receiving_unit=unit.id,
            resolving_unit=unit.id,
            area_unit=self._place.units[area].id,
            received_at=received_at,
            accepted_at=received_at,
            promised_at=self._promise(index, procedure.limit_days),
            processed_at=ended,
            handed_out_at=ended,
            withdrawn_at=ended_at if withdrawn else None,
            refused_at=ended_at if refused else None,
            channel=channel,
            officer=unit.officers[int(chance.integers(len(unit.officers)))],
            supplements=self._supplements(index, draws[4], procedure.limit_days, chance),
            fee_due=draws[5] < 0.6,
            paid_online=draws[5] < 0.6 * (0.75 if channel is Channel.ONLINE else 0.3),
            digitised=draws[6] < 0.8,
            result_digitised=draws[7] < 0.7 if ended is not None else None,
        )

    def _supplements(
        self, index: int, draw: float, limit_days: int, chance: np.random.Generator
    ) -> tuple[Supplement, ...]:
        if draw >= _SUPPLEMENTED or limit_days < 3:
            return ()
        asked_at = self._later(index, 0.5, chance)
        answered_at = self._later(index, 1.5, chance)
        if asked_at is None or answered_at is None or answered_at <= asked_at:
            return ()
        return (Supplement(asked_at=asked_at, answered_at=answered_at),)

    def _at(self, index: int, chance: np.random.Generator) -> datetime:
        return _moment(self._working[index], float(chance.uniform(_OPENS_H, _CLOSES_H)))

    def _later(self, index: int, days: float, chance: np.random.Generator) -> datetime | None:
        """Return a moment so many working days later, None when that is still to come."""
        place = index + max(1, round(days + float(chance.uniform(-0.5, 0.5))))
        if place >= len(self._working):
            return None
        at = self._at(place, chance)
        return at if at < self._until else None

    def _promise(self, index: int, limit_days: int) -> datetime:
        return _moment(self._working[min(index + limit_days, len(self._working) - 1)], 17.0)


def _moment(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), LOCAL_TIME) + timedelta(seconds=round(hour * 3600))
