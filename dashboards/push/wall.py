"""A wall at one moment: the scene whose turn it is, or the one that is pinned, as it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from dashboards.api.alerts import Alerts
from dashboards.api.views import View
from dashboards.look import formats
from dashboards.look.texts import speaking
from dashboards.push.choice import Choice, Refusal, refusal_of
from dashboards.push.frame import render_frame, render_waiting
from dashboards.push.messages import Rendered
from dashboards.push.needs import Need, needs_of
from dashboards.push.nodes import to_json
from dashboards.push.questions import ALERTS, NOTHING, Found, Question
from dashboards.push.refusal import render_refusal
from dashboards.push.scenes import BY_NAME
from dashboards.push.scenes.words import cause_in_words, place_in_words
from dashboards.push.sight import Sight
from runtime.identity import Identity

_HELP = "help"
_LONGEST_SCOPE = 120


class Wall:
    """Renders one choice."""

    def __init__(self, choice: Choice, *, identity: Identity) -> None:
        self.choice = choice
        self._identity = identity

    def turn_at(self, now: datetime | None) -> int:
        """Return how many scenes have had their time on the server's clock, alike on all walls."""
        return 0 if now is None else int(now.timestamp() / self.choice.turn_s)

    def asks(
        self, view: View | None, answers: Mapping[str, Found], now: datetime
    ) -> list[Question]:
        """Return what all scenes of this wall need to know, the one whose turn it is first."""
        if view is None or not view.places or _refusal(self.choice, view, answers) is not None:
            return []
        scenes, turn = self.choice.scenes, self.turn_at(now)
        order = [(turn + later) % len(scenes) for later in range(len(scenes))]
        sight = Sight(choice=self.choice, view=view, now=now, answers=answers)
        asked: list[Question] = []
        for later, index in enumerate(order):
            at = replace(sight, turn=(turn + later) // len(scenes))
            asked += BY_NAME[scenes[index]].asks(at)
        return [*asked, ALERTS]

    def render(
        self,
        view: View | None,
        *,
        now: datetime | None = None,
        answers: Mapping[str, Found] | None = None,
        refused: bool = False,
    ) -> Rendered:
        """Return the frame and parts of the scene that is shown at `now`."""
        with speaking(self.choice.language):
            if refused:
                scope = {"scope": self.choice.scope[:_LONGEST_SCOPE]}
                page = render_refusal(Refusal(key="scope", figures=scope), ())
                return Rendered(frame=to_json(page))
            if view is None or not view.places:
                return Rendered(frame=to_json(render_waiting(self._identity)))
            told = answers or {}
            sight = Sight(
                choice=self.choice,
                view=view,
                now=now or view.computed_at,
                answers=told,
                needs=_needs(told),
            )
            refusal = _refusal(self.choice, view, told)
            if refusal is not None:
                return Rendered(frame=to_json(render_refusal(refusal, sight.catalogue)))
            return self._scene(sight)

    def _scene(self, sight: Sight) -> Rendered:
        scenes, turn = self.choice.scenes, self.turn_at(sight.now)
        name = scenes[turn % len(scenes)]
        why = ""
        pinning = next((need for need in sight.needs if need.pins), None)
        if pinning is not None and _HELP in scenes:
            name = _HELP
            why = f"{place_in_words(sight, pinning)}: {cause_in_words(pinning)}"
        tiles = BY_NAME[name].draw(replace(sight, turn=turn // len(scenes)))
        frame = render_frame(self._identity, sight, name, tiles, pinned=why)
        parts: dict[str, str] = {}
        for tile in tiles:
            parts |= tile.said
        times = {
            tile.name: None if tile.at is None else formats.epoch_ms(tile.at) for tile in tiles
        }
        return Rendered(frame=to_json(frame), parts=parts, times=times)


def _needs(answers: Mapping[str, Found]) -> tuple[Need, ...]:
    told = answers.get(ALERTS.name, NOTHING).value
    return needs_of(told.alerts) if isinstance(told, Alerts) else ()


def _refusal(choice: Choice, view: View, answers: Mapping[str, Found]) -> Refusal | None:
    """Return why the choice cannot be shown; KPIs are judged once the whole catalogue is known."""
    sight = Sight(choice=choice, view=view, now=view.computed_at, answers=answers)
    whole = sight.catalogue is not view.catalogue
    refusal = refusal_of(choice, sight.catalogue)
    if refusal is not None and refusal.key == "kpis" and not whole:
        return None
    return refusal
