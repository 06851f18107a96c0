from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from dashboards.api.asking import asking
from dashboards.api.rest import Answer, RestClient
from dashboards.errors import ApiUnreachable, NotAllowed
from dashboards.push.polling import Poller
from dashboards.push.questions import Question
from tests import coroutines

NOON = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 27, 5, 1, tzinfo=UTC)


def question(*told: Answer[str], name: str = "asked") -> Question:
    """A question that is answered so, one answer after the other; then always the last one."""
    left = list(told)

    async def ask(_: RestClient, __: str, ___: datetime) -> Answer[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return Question(name=name, every_s=0.0, ask=ask)


def follow(
    poller: Poller, wanted: list[Question], until: Callable[[], bool]
) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        changed = asyncio.Event()
        task = asyncio.create_task(poller.follow(lambda: wanted, lambda: NOON, changed.set))
        async with asyncio.timeout(10):
            while not until():
                changed.clear()
                await changed.wait()
        task.cancel()

    return run


def poller(*tokens: str | None) -> Poller:
    return Poller(RestClient("http://127.0.0.1:9"), "province", lambda: tokens)


def test_an_answer_stays_with_its_age_while_the_next_ones_fail_and_is_renewed() -> None:
    polls, seen = poller(), []
    away = ApiUnreachable("away")
    asked = question(
        Answer(value="old", at=NOON),
        Answer(value=None, error=away),
        Answer(value="new", at=LATER),
    )

    def renewed() -> bool:
        found = polls.answers.get("asked")
        seen.append((found.value, found.at) if found else None)
        return found is not None and found.value == "new"

    coroutines.run(follow(polls, [asked], renewed)())
    assert seen == [None, ("old", NOON), ("old", NOON), ("new", LATER)]


def test_what_may_not_be_seen_is_said_and_not_kept() -> None:
    polls = poller()
    asked = question(
        Answer(value="seen", at=NOON), Answer(value=None, error=NotAllowed("not here"))
    )
    coroutines.run(
        follow(
            polls, [asked], lambda: "asked" in polls.answers and polls.answers["asked"].refused
        )()
    )
    assert polls.answers["asked"].value is None


def test_it_asks_as_those_who_watch_in_turn() -> None:
    polls, askers = poller("one", "two"), []

    async def ask(_: RestClient, __: str, ___: datetime) -> Answer[str]:
        askers.append((asking().token, asking().automatic))
        return Answer(value="x", at=NOON)

    asked = Question(name="asked", every_s=0.0, ask=ask)
    coroutines.run(follow(polls, [asked], lambda: len(askers) >= 2)())
    assert set(askers) == {("one", True), ("two", True)}


def test_what_nobody_wants_any_more_is_forgotten() -> None:
    polls = poller()
    wanted = [question(Answer(value="x", at=NOON)), question(Answer(value="y", at=NOON), name="y")]
    coroutines.run(follow(polls, wanted, lambda: len(polls.answers) == 2)())
    coroutines.run(follow(polls, wanted[:1], lambda: len(polls.answers) == 1)())
    assert set(polls.answers) == {"asked"}
