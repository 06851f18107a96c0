"""docs/models.md: as written from the manifests and the saved figures, and complete."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from contract.manifest import Measurement, ModelTask
from models.lab.evaluation.document import product_manifests, render
from models.lab.evaluation.expressions import evaluate_expressions
from models.lab.evaluation.results import Results, read_all_results
from tests.docs.repository import ROOT
from tests.models.lab.evaluation.fakes import Faces, GreyReader

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
MANIFESTS = product_manifests()
RESULTS = read_all_results()


def test_the_page_is_what_the_manifests_and_figures_give():
    assert render(MANIFESTS, RESULTS) == PAGE, "stale: `sh setup.sh docs` writes it"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda m: m.name)
def test_every_model_has_a_card_with_hash_terms_and_use(manifest):
    _, _, card = PAGE.partition(f"\n### {manifest.name}\n")
    card = card.partition("\n### ")[0]
    for text in (
        manifest.sha256 or "its authors publish none",
        manifest.source.licence,
        manifest.source.trained_on,
        manifest.source.training_data_terms or "not stated",
        manifest.intended_use,
        manifest.forbidden_use,
    ):
        assert text in card


def test_no_figure_is_of_other_weights():
    digests = {manifest.name: manifest.sha256 for manifest in MANIFESTS}
    reports = [
        report
        for results in RESULTS
        for evaluation in (results.expressions, results.faces)
        if evaluation is not None
        for report in evaluation.models
    ]
    timings = [timing for results in RESULTS if results.bench for timing in results.bench.timings]
    assert reports
    assert timings
    for report in (*reports, *timings):
        assert digests.get(report.model) in {None, "", report.sha256}, report.model


def test_the_page_says_what_was_not_measured_and_how_to_measure_it():
    assert "**Vietnamese faces**" in PAGE
    assert "**Age, sex, ethnicity and skin tone**" in PAGE
    assert "motcua models evaluate --images DIR --labels labels.csv" in PAGE


def test_a_new_model_appears_without_a_change_of_code():
    figure = Measurement(figure="seven-class accuracy", value=0.7, data="FER2013", command="x y")
    new = msgspec.structs.replace(
        next(m for m in MANIFESTS if m.task is ModelTask.EXPRESSION),
        name="brand-new",
        sha256="a" * 64,
        measured=(figure,),
    )
    people = [("happy", f"person {index}") for index in range(20)]
    readers = [GreyReader(name="brand-new", sha256="a" * 64), GreyReader(name="stranger")]
    evaluation = evaluate_expressions(Faces(people), readers)
    page = render([new, *MANIFESTS], [Results(expressions=evaluation)])
    assert "### brand-new" in page
    assert "| brand-new | 20 | 100.0 %" in page
    assert "| stranger | 20 | 100.0 %" in page
    assert "| seven-class accuracy | 0.700 | FER2013 | `x y` |" in page


def test_the_page_says_how_many_pictures_the_training_split_shows_too():
    evaluation = evaluate_expressions(Faces([("happy", "An")], name="FER2013"), [GreyReader()])
    page = render(MANIFESTS, [Results(expressions=replace(evaluation, trained_on=318))])
    assert "1 faces, without the 318 pictures that are, or nearly are, one of the training" in page
    assert "### FER2013\n\n1 faces; `" in render(MANIFESTS, [Results(expressions=evaluation)])


def measured(part):
    """Return figures of a net that calls sad faces neutral, on 15 faces of people of one part."""
    pairs = [(label, f"{label} {i}") for label in ("happy", "sad", "neutral") for i in range(5)]
    readers = [
        GreyReader(name=name, mistaken={"sad": "neutral"}) for name in ("motcua-expression", "peer")
    ]
    faces = Faces(pairs, name=f"faces, {part}")
    return Results(expressions=evaluate_expressions(faces, readers, command="motcua x"))


def words(results):
    return " ".join(render([], results).split())


def test_why_aims_are_missed_is_said_and_nothing_of_those_that_nobody_measured():
    page = words([measured("validation")])
    assert "What is not reached, and why" in page
    assert "- **Macro-F1 on the photographs** hangs on 5 negative faces" in page
    for other in ("own labels** are", "**Landmarks** miss", "**Milliseconds** are"):
        assert other not in page
        assert other in " ".join(PAGE.split())
    assert "What is not reached" not in words([])


def test_data_that_reach_the_aim_of_landmarks_are_named_beside_those_that_miss_it():
    faces = [results for results in RESULTS if results.faces]
    missed = [results for results in faces if "consensus" not in results.faces.data]
    both = 'miss the aim on "expressions, validation", and reach it on "expressions, validation, by'
    assert both in words(faces)
    assert 'miss the aim on "expressions, validation". The photographs' in words(missed)


def test_the_figures_of_people_who_calibrate_come_from_their_results():
    calibrating = measured("calibration")
    page = words([measured("validation"), calibrating])
    assert "on 15 faces, 5 of them negative" in page
    f1 = calibrating.expressions.models[0].annotations[0].three.macro_f1
    for name in ("motcua-expression", "peer"):
        assert f"{name} {f1.value:.3f} ({f1.low:.3f}–{f1.high:.3f})" in page
    assert "(`motcua x`)" in page
    assert "nothing but our calibration" not in words([measured("validation")])


def test_of_people_who_calibrate_there_are_no_tables():
    evaluation = evaluate_expressions(
        Faces([("happy", "An")], name="faces, calibration"), [GreyReader()]
    )
    assert render(MANIFESTS, [Results(expressions=evaluation)]) == render(MANIFESTS, [])
