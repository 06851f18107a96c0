"""What a wall knows besides the live stream: the answers to its questions, without an API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from dashboards.api.rankings import Ranking
from dashboards.api.rest import Answer, Readings
from dashboards.api.views import View
from dashboards.push.questions import Found, found
from dashboards.push.wall import Wall
from tests import coroutines
from tests.dashboards import provinces
from tests.dashboards.examples import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Answers as `RestClient` gives them."""

    situation: Situation
    now: datetime

    async def catalogue(self) -> Answer[Any]:
        return Answer(value=provinces.CATALOGUE, at=self.now)

    async def units(self) -> Answer[Any]:
        return Answer(value=tuple(each.unit for each in self.situation.units), at=self.now)

    async def alerts(self, *, scope: str = "province") -> Answer[Any]:
        del scope
        return Answer(value=provinces.alerts(self.situation), at=self.now)

    async def readings(
        self, *, kpis: Sequence[str], scope: str, period: str = "", by: Sequence[str] = ()
    ) -> Answer[Readings]:
        asked = provinces.Asked(kpis=tuple(kpis), scope=scope, period=period, by=tuple(by))
        made = provinces.readings(self.situation, asked, self.now)
        return Answer(value=Readings(computed_at=self.now, readings=made), at=self.now)

    async def ranking(self, *, kpi: str, period: str) -> Answer[Ranking]:
        told = provinces.ranking(self.situation, f"{kpi} {period}", self.now)
        return Answer(value=msgspec.convert(told, Ranking), at=self.now)


def answers(wall: Wall, view: View, situation: Situation) -> Mapping[str, Found]:
    """The answers to whatever this wall asks."""
    api, known = Told(situation=situation, now=situation.at), dict[str, Found]()

    async def ask() -> None:
        for _ in range(2):  # with the catalogue more is asked than without
            for question in wall.asks(view, known, situation.at):
                answer = await question.ask(api, wall.choice.scope, situation.at)  # type: ignore[arg-type]
                known[question.name] = found(answer)

    coroutines.run(ask())
    return known
