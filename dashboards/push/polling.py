"""Asks one scope's questions again when they are due, as one of those who watch it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import structlog

from dashboards.api.asking import Asking, asked_by
from dashboards.api.rest import RestClient
from dashboards.errors import ApiRefused
from dashboards.push.questions import NOTHING, Found, Question, found

_LOOKS_EVERY_S = 0.25
_RETRY_S = 5.0
"""A question that failed is asked again so soon, if it is not due sooner."""

log = structlog.get_logger()


class Poller:
    """The newest answers by question's name. An answer stays when the next ones fail: it ages."""

    def __init__(
        self, api: RestClient, scope: str, tokens: Callable[[], Sequence[str | None]]
    ) -> None:
        self._api = api
        self._scope = scope
        self._tokens = tokens
        self._asked = 0
        self._due_s: dict[str, float] = {}
        self._found: dict[str, Found] = {}

    @property
    def answers(self) -> Mapping[str, Found]:
        """What is known, by question's name."""
        return MappingProxyType(self._found)

    async def follow(
        self,
        wanted: Callable[[], Iterable[Question]],
        now: Callable[[], datetime | None],
        on_change: Callable[[], None],
    ) -> None:
        """Ask what is wanted and due, one question after the other. Never returns.

        Nothing is asked before the server's time is known.
        """
        while True:
            at = now()
            questions = {each.name: each for each in wanted()} if at is not None else {}
            for forgotten in self._found.keys() - questions.keys():
                del self._found[forgotten]
                self._due_s.pop(forgotten, None)
            for question in questions.values():
                if at is not None and self._due_s.get(question.name, 0.0) <= time.monotonic():
                    await self._ask(question, at)
                    on_change()
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def _ask(self, question: Question, now: datetime) -> None:
        tokens = self._tokens() or (None,)
        self._asked += 1
        token = tokens[self._asked % len(tokens)]
        with asked_by(Asking(token=token, automatic=True)):
            answer = await question.ask(self._api, self._scope, now)
        pause_s = question.every_s
        if isinstance(answer.error, ApiRefused):
            self._found[question.name] = Found(refused=True)
        elif answer.error is not None:
            log.warning("question_failed", question=question.name, reason=str(answer.error))
            pause_s = min(pause_s, _RETRY_S)
            known = self._found.get(question.name, NOTHING)
            self._found[question.name] = replace(known, refused=False)
        else:
            self._found[question.name] = found(answer)
        self._due_s[question.name] = time.monotonic() + pause_s
