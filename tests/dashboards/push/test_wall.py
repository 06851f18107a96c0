from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from contract.readings import DeviceProblem, KpiFamily, Measure, Place
from dashboards.api.views import View
from dashboards.look.texts import RATINGS, say
from dashboards.push.cells import render_breakdown
from dashboards.push.columns import arrange
from dashboards.push.messages import Rendered, changes
from dashboards.push.scenes import Choice
from dashboards.push.wall import Wall, paginate
from tests.dashboards.examples import CATALOGUE, Example, example, many_units, province, view

ROWS_PER_PAGE = 4
MOST_BYTES_A_CHANGE = 5_000


def wall(**choice: object) -> Wall:
    return Wall(Choice(**choice), province_name="Tỉnh")  # type: ignore[arg-type]


def rows_of(*units: Example, head: Example | None = None) -> list[str]:
    """The JSON of each unit's row, with what its cells say."""
    rendered = wall().render(view(units, head=head))
    shown = []
    for number, row in enumerate(json.loads(rendered.rows)["units"], start=1):
        cells = [cell for at, cell in rendered.cells.items() if at.startswith(f"{number}.")]
        shown.append(json.dumps(row, ensure_ascii=False) + "".join(cells))
    return shown


@pytest.mark.parametrize("count", range(100))
def test_pages_hold_every_row_once_and_are_of_nearly_equal_length(count: int) -> None:
    rows = [
        Place(scope=f"subtree:{n}", kind="ward", name_vi="", name_en="", simulated=False)
        for n in range(count)
    ]
    pages = paginate(rows, ROWS_PER_PAGE)
    assert [row for page in pages for row in page] == rows
    lengths = [len(page) for page in pages]
    assert all(1 < length <= ROWS_PER_PAGE for length in lengths) or count == 1
    assert lengths == sorted(lengths, reverse=True)
    assert max(lengths, default=0) - min(lengths, default=0) <= 1


def test_every_kpi_of_the_scene_stands_in_every_row() -> None:
    rendered = wall().render(view(many_units(2)))
    columns = json.loads(rendered.rows)["columns"]
    assert {column["data-kpi"] for column in columns} == {d.id for d in CATALOGUE}
    places = {f"{row}.{column}" for row in range(3) for column in range(len(columns))}
    assert rendered.cells.keys() == places


def test_a_kpi_that_the_catalogue_gains_can_be_chosen_without_an_edit() -> None:
    gained = replace(CATALOGUE[3], id="complaints", family=KpiFamily.OFFICIAL)
    shown = view(many_units(2), catalogue=(*CATALOGUE, gained))
    rendered = wall(kpis=("complaints", "ratings")).render(shown)
    assert '"complaints"' in rendered.rows
    assert '"visits"' not in rendered.rows


def test_official_and_experience_stand_at_opposite_ends() -> None:
    families = [column.family for column in arrange(CATALOGUE)]
    assert families[0] is KpiFamily.OFFICIAL
    assert families[-1] is KpiFamily.EXPERIENCE
    assert families == sorted(families, key=families.index)


def test_simulated_units_are_marked_in_words() -> None:
    real, made_up = rows_of(example("real", "Thật"), example("made-up", "Giả", simulated=True))
    assert "MÔ PHỎNG" not in real
    assert "MÔ PHỎNG" in made_up


@pytest.mark.parametrize(
    ("simulated", "mark"), [((True, True), "MÔ PHỎNG"), ((True, False), "CÓ MÔ PHỎNG")]
)
def test_a_province_says_whether_all_or_some_of_it_is_simulated(
    simulated: tuple[bool, ...], mark: str
) -> None:
    units = tuple(example(f"u{n}", "Xã", simulated=made_up) for n, made_up in enumerate(simulated))
    shown = view(units, head=province(simulated=any(simulated)))
    (head,) = json.loads(wall().render(shown).rows)["head"]
    assert f'"{mark}"' in json.dumps(head, ensure_ascii=False)


def test_small_samples_say_how_small_and_show_no_share() -> None:
    (row, _) = rows_of(example("small", "Nhỏ", ratings=7), example("other", "Khác"))
    assert "chưa đủ mẫu" in row
    assert "n = 7/30" in row
    assert "96,2" not in row


def test_what_only_grew_older_is_a_matter_of_times() -> None:
    at = view().computed_at
    kept, unit = wall(), example("a", "Xã", at=at)
    later = example("a", "Xã", at=at + timedelta(seconds=7))
    head = province(at=at)
    before = kept.render(view((unit,), head=head))
    after = kept.render(view((later,), head=head))
    message = json.loads(changes(before, after) or "")
    assert message["cells"] == {}
    assert {at.partition(".")[0] for at in message["times"]} == {"1"}


def test_an_unchanged_cell_is_not_rendered_again() -> None:
    kept, units = wall(), many_units(2)
    first, second = kept.render(view(units)), kept.render(view(units))
    assert all(second.cells[at] is first.cells[at] for at in first.cells if at != "levels")


def test_pages_turn_and_only_the_visible_rows_travel() -> None:
    kept, shown = wall(), view(many_units(12))
    names = [json.loads(kept.render(shown, turn=turn).rows)["first"] for turn in range(4)]
    assert names == [0, 4, 8, 0]
    rendered = kept.render(shown, turn=1)
    assert {at.partition(".")[0] for at in rendered.cells} == {"0", "1", "2", "3", "4"}


def test_before_the_first_update_the_wall_waits() -> None:
    rendered = wall().render(None)
    assert "Đang chờ dữ liệu" in rendered.frame
    assert rendered.cells == {}


def test_a_scope_that_is_not_known_is_said() -> None:
    rendered = wall(scope="subtree:nowhere").render(None, refused=True)
    assert "subtree:nowhere" in rendered.frame


def test_a_unit_of_its_own_shows_every_level_below_its_figures() -> None:
    unit = example("a", "Xã Một", ratings=120)
    rendered = wall(scope="subtree:a").render(view((unit,), scope="subtree:a"))
    assert "Rất hài lòng" in rendered.cells["levels"]
    assert "Xã Một" in rendered.rows


@pytest.mark.parametrize("count", [0, 1])
def test_few_ratings_are_counted_and_never_turned_into_per_cent(count: int) -> None:
    parts = dict.fromkeys(RATINGS, 0.0) | {"5": float(count)}
    labels = {level: say(f"rating.{level}") for level in RATINGS}
    bars = render_breakdown("ratings", labels, parts, measure=Measure.COUNT).children
    figures = [bar.children for bar in bars if getattr(bar, "className", "") == "figure"]
    assert sorted(figures) == sorted(["0", "0", "0", "0", str(count)])


def test_one_long_name_sets_the_names_of_all_units_alike() -> None:
    short, long = example("a", "Xã Bố Hạ"), example("b", "Phường Thuận Thành")
    assert all("long-name" not in row for row in rows_of(short, short))
    assert all("long-name" in row for row in rows_of(short, long))


def test_a_change_in_thirty_of_120_units_costs_a_province_wall_at_most_5_kb() -> None:
    rng, kept, units = random.Random(11), wall(), list(many_units(120))
    rendered = kept.render(view(tuple(units)))
    sizes = []
    for turn in range(30):
        for index in rng.sample(range(120), 30):
            units[index] = _changed(units[index], rng)
        shown: View = view(tuple(units), head=_changed(province(ratings=8412 + turn), rng))
        new: Rendered = kept.render(shown)
        sizes.append(len((changes(rendered, new) or "").encode()))
        rendered = new
    assert max(sizes) <= MOST_BYTES_A_CHANGE, sizes


def test_a_turn_of_the_page_costs_less_than_the_whole_wall() -> None:
    kept, shown = wall(), view(many_units(120))
    one, next_one = kept.render(shown, turn=1), kept.render(shown, turn=2)
    assert len((changes(one, next_one) or "").encode()) < 10_000


def _changed(before: Example, rng: random.Random) -> Example:
    """The same place after a rating, a visit and another look at its queue."""
    ratings = int(before.reading("ratings").value or 0) + 1
    visits = int(before.reading("visits").value or 0) + 1
    after = example(
        before.scope.removeprefix("subtree:"),
        ratings=ratings,
        visits=visits,
        waiting=rng.randrange(0, 24),
        service_s=rng.uniform(40, 1500),
        mix=(0.1, rng.choice((0.3, 0.31)), 0.6),
    )
    return replace(after, place=before.place)


def test_what_is_wrong_with_the_server_stands_across_the_wall() -> None:
    alarm = DeviceProblem(code="server_clock_behind", text_vi="đồng hồ sai", text_en="wrong clock")
    calm, alarmed = view(many_units(2)), replace(view(many_units(2)), alarms=(alarm,))
    assert "đồng hồ sai" not in wall().render(calm).frame
    frame = wall().render(alarmed).frame
    assert "div.alarm" in frame
    assert "đồng hồ sai" in frame
    assert "wrong clock" in frame
