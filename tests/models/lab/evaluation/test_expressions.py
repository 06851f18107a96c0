"""Whole evaluations of models that read grey levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from contract.manifest import Abstention
from models.lab.evaluation.errors import LabelUnknown, NothingUsable
from models.lab.evaluation.expressions import evaluate_expressions
from models.lab.evaluation.figure_tables import expression_tables
from tests.models.lab.evaluation.fakes import COUNTED_AS, SEVEN, Faces, GreyReader

PEOPLE = [(label, f"person {index}") for label in SEVEN for index in range(4)]
SURE = {"confidence": 0.999}


def report_of(pairs=PEOPLE, reader=None, **source):
    evaluation = evaluate_expressions(Faces(pairs, **source), [reader or GreyReader()])
    return evaluation.models[0].annotations[0]


def summary(report, condition):
    return next(c.figures for c in report.conditions if c.name == condition)


def test_a_model_that_is_always_right_has_full_marks():
    report = report_of(reader=GreyReader(**SURE))
    assert report.people == 4
    for figures in (report.seven, report.three):
        assert figures.n == 28
        assert figures.accuracy.value == figures.macro_f1.value == 1
        assert figures.calibration_error.value == pytest.approx(0, abs=0.01)
    assert report.selection.area == 0
    assert report.as_used.coverage.value == 1


def test_confusing_two_negatives_costs_seven_classes_and_not_three():
    report = report_of(reader=GreyReader(mistaken={"fear": "sad"}))
    assert report.seven.accuracy.value == pytest.approx(6 / 7, abs=1e-4)
    assert {c.label: c.recall.value for c in report.seven.classes}["fear"] == 0
    assert report.three.accuracy.value == 1
    row = report.seven.confusion[SEVEN.index("fear")]
    assert row[SEVEN.index("sad")] == 4


def test_the_recall_of_neutral_counts_surprise_too():
    report = report_of(reader=GreyReader(mistaken={"surprise": "angry"}))
    assert report.three.neutral_recall.value == 0.5
    assert summary(report, "plain").neutral_recall.value == 0.5


class Voted(Faces):
    """Faces of which some have votes too; the voters take one sad face for neutral."""

    def faces(self):
        for face in super().faces():
            label = face.labels["label"]
            voted = {"sad": {"votes": label}, "happy": {"votes": label}}.get(label, {})
            if face.file == "16.png":
                voted = {"votes": "neutral"}
            yield replace(face, labels={**face.labels, **voted})


def test_other_labels_stand_beside_the_models_on_the_same_faces():
    reader = GreyReader(mistaken={"happy": "sad"})
    evaluation = evaluate_expressions(Voted(PEOPLE, annotations=("label", "votes")), [reader])
    label, votes = (report.beside[0] for report in evaluation.models[0].annotations)
    assert (label.annotation, votes.annotation) == ("votes", "label")
    assert label.model.n == label.people.n == votes.people.n == 8
    assert label.people.seven_accuracy.value == pytest.approx(7 / 8)
    assert label.model.seven_accuracy.value == pytest.approx(4 / 8)
    assert label.model.three_accuracy.value == pytest.approx(4 / 8)
    assert votes.people.neutral_recall.value == 0  # the label says that it is sad
    tables = {table.title: table for table in expression_tables(evaluation, "label")}
    table = tables["Beside people: the faces that votes labels too"]
    assert [row[:3] for row in table.rows] == [
        ("people (votes)", "8", "87.5 %"),
        ("grey-reader", "8", "50.0 %"),
    ]


def test_one_kind_of_labels_has_nothing_beside_it():
    assert report_of().beside == ()


def test_narrow_faces_are_left_out_of_greater_widths():
    reader = GreyReader()
    report = report_of(reader=reader, width_px=40)
    assert summary(report, "plain").n == summary(report, "width 32").n == 28
    assert summary(report, "width 48").n == 0
    assert summary(report, "width 48").three_macro_f1.value is None
    assert {24, 32, 40} <= set(reader.seen_px)


def test_conditions_are_seen_by_the_model():
    report = report_of()
    assert summary(report, "plain").seven_accuracy.value == 1
    assert summary(report, "dark").seven_accuracy.value < 0.5
    assert summary(report, "width 24").seven_accuracy.value == 1


def test_strata_hold_every_face_once():
    report = report_of(width_px=40)
    for quantity in ("brightness", "face width"):
        chosen = [s for s in report.strata if s.quantity == quantity]
        assert sum(s.figures.n for s in chosen) == 28
        assert all(s.figures.n for s in chosen)


def test_a_limit_on_legibility_leaves_faces_untold():
    limits = Abstention(minimum_legibility=0.5)
    report = report_of(reader=GreyReader(legible_above=100, abstention=limits))
    assert report.selection.signal == "legibility"
    assert report.as_used.coverage.value == pytest.approx(4 / 7, abs=1e-4)
    assert report.as_used.figures.n == 16


def used(report, condition):
    return next(c.as_used for c in report.conditions if c.name == condition)


def test_each_condition_tells_what_is_told_in_use_and_how_much_of_it_is_wrong():
    reader = GreyReader(
        legible_above=60,
        abstention=Abstention(minimum_legibility=0.5),
        mistaken={"surprise": "sad", "disgust": "happy"},
    )
    report = report_of(reader=reader)
    plain, dark = used(report, "plain"), used(report, "dark")
    assert plain == report.as_used
    assert plain.coverage.value == pytest.approx(5 / 7, abs=1e-4)  # from "fear" on
    assert plain.figures.n == 20
    assert plain.wrong == pytest.approx(1 / 5)
    assert (plain.called_neutral, plain.are_neutral) == (0.2, 0.4)
    # 0.35 of the light leaves "surprise" at 57 and "neutral" at 68, which looks like "fear".
    assert dark.coverage.value == pytest.approx(1 / 7, abs=1e-4)
    assert dark.wrong == 1
    assert (dark.called_neutral, dark.are_neutral) == (0, 1)


def test_a_face_made_smaller_than_the_product_reads_is_untold():
    report = report_of(reader=GreyReader(minimum_face_px=32), width_px=75)
    for condition, coverage in (("plain", 1), ("width 64", 1), ("width 32", 1), ("width 24", 0)):
        assert used(report, condition).coverage.value == coverage, condition
    assert used(report, "width 24").wrong is None


def test_the_tables_by_condition_show_the_coverage_in_use():
    reader = GreyReader(minimum_face_px=32, mistaken={"surprise": "sad"})
    evaluation = evaluate_expressions(Faces(PEOPLE, width_px=75), [reader])
    tables = {table.title: table for table in expression_tables(evaluation, "label")}
    at = tables["coverage in use"].heading.index
    (coverage,), (wrong,) = tables["coverage in use"].rows, tables["wrong at this coverage"].rows
    (neutral,) = tables["predicted neutral / labelled neutral, at this coverage"].rows
    assert (coverage[at("width 24")], coverage[at("width 32")]) == ("0.0 %", "100.0 %")
    assert (wrong[at("width 24")], wrong[at("width 32")]) == ("–", "14.3 %")
    assert (neutral[at("width 24")], neutral[at("width 32")]) == ("–", "14.3 % / 28.6 %")


class Turned(Faces):
    """Faces with landmarks: those of every second one have the nose aside of the eyes' middle."""

    def faces(self):
        for index, face in enumerate(super().faces()):
            aside = 0.4 * (index % 2)
            marks = np.array([[0, 0], [10, 0], [5 + 10 * aside, 5], [2, 8], [8, 8]], np.float32)
            yield replace(face, landmarks=marks, are_landmarks_guessed=False)


@pytest.mark.parametrize(("maximum_turn", "coverage"), [(None, 1), (0.41, 1), (0.39, 0.5)])
def test_faces_turned_further_than_the_manifest_allows_are_not_counted(maximum_turn, coverage):
    reader = GreyReader(abstention=Abstention(maximum_turn=maximum_turn))
    report = evaluate_expressions(Turned(PEOPLE), [reader]).models[0].annotations[0]
    assert report.as_used.coverage.value == coverage


@pytest.mark.parametrize(
    ("minimum", "coverage"), [(0.09, 1), (0.11, 4 / 7), (0.89, 4 / 7), (0.91, 0)]
)
def test_faces_less_legible_than_the_manifest_allows_are_not_counted(minimum, coverage):
    reader = GreyReader(legible_above=100, abstention=Abstention(minimum_legibility=minimum))
    assert report_of(reader=reader).as_used.coverage.value == pytest.approx(coverage, abs=1e-4)


@pytest.mark.parametrize(("minimum_px", "coverage"), [(39, 1), (41, 0)])
def test_faces_too_narrow_for_the_product_are_not_counted(minimum_px, coverage):
    report = report_of(reader=GreyReader(minimum_face_px=minimum_px), width_px=40)
    assert report.as_used.coverage.value == coverage


def test_labels_of_sentiments_give_three_classes_only():
    pairs = [("positive", "An"), ("negative", "Bình"), ("neutral", "Chi")] * 5
    report = report_of(pairs)
    assert report.seven is None
    assert report.three.accuracy.value == 1
    assert summary(report, "plain").seven_accuracy.value is None


def test_few_people_have_no_interval():
    figures = report_of(PEOPLE).three.accuracy
    assert (figures.low, figures.high) == (None, None)
    many = report_of([(label, f"{label} {index}") for label in SEVEN for index in range(4)])
    assert many.three.accuracy.low is not None


def test_pictures_count_where_people_are_not_named():
    report = report_of([(label, "") for label in SEVEN] * 3)
    assert report.people is None
    assert report.seven.accuracy.low is not None


def test_models_are_compared_on_the_same_people():
    pairs = [(label, f"{label} {index}") for label in SEVEN for index in range(20)]
    evaluation = evaluate_expressions(
        Faces(pairs),
        [GreyReader(name="better"), GreyReader(name="worse", mistaken={"fear": "happy"})],
    )
    (difference,) = evaluation.comparisons
    assert (difference.model, difference.other) == ("better", "worse")
    assert difference.seven_accuracy.value == pytest.approx(1 / 7, abs=1e-4)
    assert 0 < difference.seven_accuracy.low < 1 / 7 < difference.seven_accuracy.high
    assert difference.neutral_recall.value == 0


def test_rejected_pictures_are_listed_and_the_others_evaluated():
    evaluation = evaluate_expressions(Faces([("", "An"), ("happy", "An")]), [GreyReader()])
    assert evaluation.faces == 1
    assert [(r.file, r.reason) for r in evaluation.rejected] == [("0.png", "is empty")]


def test_nothing_but_rejected_pictures_is_an_error():
    with pytest.raises(NothingUsable, match=r"none of 1 pictures can be used") as caught:
        evaluate_expressions(Faces([("", "An")]), [GreyReader()])
    assert [(left.file, left.reason) for left in caught.value.rejected] == [("0.png", "is empty")]


def test_a_label_that_the_manifest_does_not_know_names_file_and_model():
    reader = GreyReader(labels=("happy", "neutral", "sad"), sentiment=COUNTED_AS)
    with pytest.raises(LabelUnknown, match=r"0\.png has the label 'fear'.*model grey-reader"):
        evaluate_expressions(Faces([("fear", "An")]), [reader])
    assert reader.seen_px == []  # told before any face is shown


def test_the_same_faces_give_the_same_figures():
    assert report_of() == report_of()
