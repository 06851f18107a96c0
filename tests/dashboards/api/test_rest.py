from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from contract.texts import Language
from dashboards.api import rest as rest_module
from dashboards.api.asking import Asking, asked_by
from dashboards.api.rest import RestClient
from dashboards.errors import ApiRefused, ApiUnreachable
from tests import coroutines
from tests.dashboards.examples import device, many_units, situation
from tests.dashboards.stand_in import StandInApi

T = TypeVar("T")


def ask(api: StandInApi, question: Callable[[RestClient], Awaitable[T]]) -> T:
    async def run() -> T:
        client = RestClient(api.url)
        try:
            return await question(client)
        finally:
            await client.close()

    return coroutines.run(run())


def test_readings_of_each_unit_come_with_the_servers_time(api: StandInApi) -> None:
    answer = ask(
        api, lambda client: client.readings(kpis=("ratings",), scope="province", by=("unit",))
    )
    assert answer.value is not None
    assert {r.scope for r in answer.value.readings} == {f"subtree:unit-00{n}" for n in range(3)}
    assert abs((answer.value.computed_at - api.now()).total_seconds()) < 30


def test_fifty_desks_cost_one_request(api: StandInApi) -> None:
    api.publish(situation(many_units(2), devices=(device(1),)))
    before = api.asked["/api/v1/devices"]

    async def fifty(client: RestClient) -> list[int]:
        answers = await asyncio.gather(*(client.devices() for _ in range(50)))
        return [len(answer.value or ()) for answer in answers]

    assert ask(api, fifty) == [1] * 50
    assert api.asked["/api/v1/devices"] == before + 1


def test_the_last_answer_is_kept_while_the_api_is_away(
    api: StandInApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_module, "FRESH_FOR_S", 0.0)

    async def twice(client: RestClient) -> object:
        first = await client.units()
        api.down = True
        second = await client.units()
        assert second.value == first.value
        return second.error

    error = ask(api, twice)
    assert isinstance(error, ApiUnreachable)
    assert str(error) == "the database is away"


@pytest.mark.parametrize(
    ("language", "said"), [(Language.VI, "không có đơn vị"), (Language.EN, "there is no unit")]
)
def test_what_the_api_refuses_is_told_in_its_words(
    api: StandInApi, language: Language, said: str
) -> None:
    with asked_by(Asking(language=language)):
        answer = ask(api, lambda client: client.readings(kpis=(), scope="subtree:nowhere"))
    assert isinstance(answer.error, ApiRefused)
    assert str(answer.error) == f"{said} 'subtree:nowhere'"
