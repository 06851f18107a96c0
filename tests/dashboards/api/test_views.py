from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contract.readings import Update, Withheld
from dashboards.api.views import View, merge
from tests.dashboards.examples import CATALOGUE, example, situation
from tests.dashboards.stand_in import change, whole

BEFORE = situation((example("a", ratings=40), example("b")))


def held() -> View:
    view = merge(None, whole(BEFORE, 7, "province"), CATALOGUE)
    assert view is not None
    return view


def test_a_whole_update_replaces_what_was_known() -> None:
    other = whole(situation((example("c"),)), 3, "province")
    view = merge(held(), other, CATALOGUE)
    assert view is not None
    assert view.revision == 3
    assert [place.scope for place in view.places] == ["province", "subtree:c"]
    assert view.reading("subtree:a", "ratings").withheld is Withheld.NO_DATA


def test_a_change_leaves_everything_else_as_it_was() -> None:
    after = situation((example("a", ratings=41), BEFORE.units[1]), head=BEFORE.head)
    view = merge(held(), change(BEFORE, 7, after, 8, "province"), CATALOGUE)
    assert view is not None
    assert view.revision == 8
    assert view.reading("subtree:a", "ratings").value == 41
    before = held().reading("subtree:b", "ratings")
    assert view.reading("subtree:b", "ratings") == before


def test_a_newer_observation_moves_the_readings_time_and_nothing_else() -> None:
    later = datetime.now(UTC) + timedelta(minutes=1)
    update = Update(
        revision=8,
        since=7,
        computed_at=later,
        scope="province",
        observed={"visits": {"subtree:a": later, "subtree:unknown": later}},
    )
    view = merge(held(), update, CATALOGUE)
    assert view is not None
    moved = view.reading("subtree:a", "visits")
    assert moved.observed_at == later
    assert moved.value == held().reading("subtree:a", "visits").value


def test_an_update_after_a_gap_leads_nowhere() -> None:
    update = Update(revision=9, since=8, computed_at=BEFORE.at, scope="province")
    assert merge(held(), update, CATALOGUE) is None
    assert merge(None, update, CATALOGUE) is None
