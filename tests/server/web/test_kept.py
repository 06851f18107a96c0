"""Answers are kept for a moment, made once for all who ask, and never older than what is known."""

from __future__ import annotations

import asyncio

import pytest

from server.web.kept import Kept
from tests.coroutines import run


def test_equal_questions_are_answered_once_until_something_changes():
    version = [1]
    made = []

    async def work() -> None:
        kept: Kept[int] = Kept(60.0, lambda: version[0])

        async def make() -> int:
            await asyncio.sleep(0)
            made.append(1)
            return len(made)

        assert await asyncio.gather(*(kept.answer("a", make) for _ in range(9))) == [1] * 9
        assert await kept.answer("b", make) == 2
        version[0] += 1
        assert await kept.answer("a", make) == 3
        version[0] = None
        assert await kept.answer("a", make) == 4
        assert await kept.answer("a", make) == 5

    run(work())


def test_a_failure_is_told_to_all_who_wait_and_not_kept():
    async def work() -> None:
        kept: Kept[int] = Kept(60.0, lambda: 1)
        failing = [True]

        async def make() -> int:
            await asyncio.sleep(0)
            if failing[0]:
                raise ValueError("once")
            return 7

        found = await asyncio.gather(
            *(kept.answer("a", make) for _ in range(3)), return_exceptions=True
        )
        assert [type(each) for each in found] == [ValueError] * 3
        failing[0] = False
        assert await kept.answer("a", make) == 7

    run(work())


def test_whoever_goes_away_takes_the_answer_from_nobody():
    async def work() -> None:
        kept: Kept[int] = Kept(60.0, lambda: 1)
        go = asyncio.Event()

        async def make() -> int:
            await go.wait()
            return 7

        first = asyncio.create_task(kept.answer("a", make))
        second = asyncio.create_task(kept.answer("a", make))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        go.set()
        assert await second == 7

    run(work())


@pytest.mark.parametrize("kept_s", [0.0, 1e-9])
def test_what_is_too_old_is_asked_anew(kept_s):
    async def work() -> int:
        kept: Kept[int] = Kept(kept_s, lambda: 1)
        made = []

        async def make() -> int:
            made.append(1)
            return len(made)

        await kept.answer("a", make)
        return await kept.answer("a", make)

    assert run(work()) == 2
