"""Times of models, taken in turn."""

from __future__ import annotations

import numpy as np
import pytest

from contract.manifest import ModelTask
from edge.vision.registry import ModelRegistry
from models.lab.evaluation import entries, timing
from models.lab.evaluation.figure_tables import bench_tables
from models.lab.evaluation.timing import Case, describe_machine, measure
from tests.edge.vision.graphs import brightness_graph, store
from tests.edge.vision.manifests import expression_manifest, face_manifest
from tests.edge.vision.planted import face_graph
from tests.models.lab.evaluation.fakes import CentreFinder


def test_every_run_has_its_turn_in_every_round():
    calls = []
    runs = [lambda name=name: calls.append(name) for name in "abc"]
    times = measure(runs, rounds=4)
    assert times.shape == (4, 3)
    assert (times >= 0).all()
    warm_up, rest = calls[: 3 * 3], calls[3 * 3 :]
    assert sorted(warm_up) == sorted("abc" * 3)
    for start in range(0, len(rest), 9):
        assert sorted(rest[start : start + 9]) == sorted("abc" * 3)


def report(times):
    cases = [
        Case(
            model=name, sha256=f"{name}'s", task=ModelTask.EXPRESSION, work="face", run=lambda: None
        )
        for name in ("peer", "ours")
    ]
    timings = timing.timings_of(cases, np.array(times), ["peer"], threads=1)
    return timing.BenchReport(command="", machine="", rounds=len(times), timings=tuple(timings))


def test_a_ratio_is_the_median_of_each_rounds_ratio():
    found = {t.model: t for t in report([[1.0, 2.0], [10.0, 20.0], [1.0, 9.0]]).timings}
    assert found["ours"].ratio == 2.0
    assert found["ours"].peer == "peer"
    assert found["peer"].ratio == 1.0
    assert found["ours"].median_ms == 9.0
    assert found["ours"].p95_ms == pytest.approx(18.9)


def test_a_time_is_of_the_weights_that_took_it():
    assert {t.model: t.sha256 for t in report([[1.0, 2.0]]).timings} == {
        "peer": "peer's", "ours": "ours's",
    }  # fmt: skip


def test_each_kind_of_model_hands_on_the_digest_of_its_weights(tmp_path):
    stored = [
        store(tmp_path, expression_manifest(), brightness_graph(input_shape=["n", 1, 16, 16])),
        store(tmp_path, face_manifest(side_px=64, multiple_of_px=1), face_graph()),
    ]
    manifests = tuple(each.manifest for each in stored)
    registry = ModelRegistry(manifests=manifests, folders=(tmp_path,))
    for manifest in manifests:
        cases = timing.cases_of(registry, manifest.name, threads=1)
        assert {case.sha256 for case in cases} == {manifest.sha256}
    assert len({manifest.sha256 for manifest in manifests}) == 2


def test_a_familys_detector_hands_on_its_digest(monkeypatch):
    class Opened(CentreFinder):
        sha256 = "c" * 64

    class OneFamily:
        @staticmethod
        def open_face_detector(_):
            return Opened(width_px=48)

    monkeypatch.setattr(entries, "_family", lambda *_: OneFamily)
    found = entries.open_face_model(ModelRegistry(manifests=(), folders=()), "deepface:opencv")
    assert (found.name, found.sha256) == ("deepface:opencv", "c" * 64)


def test_the_table_says_whom_the_ratio_is_to():
    (table,) = bench_tables(report([[1.0, 2.0]]))
    assert table.heading == ("model", "ms, 1 thread", "p95", "to peer")
    assert table.rows == (("peer", "1.00", "1.00", "1.00"), ("ours", "2.00", "2.00", "2.00"))


@pytest.mark.parametrize(
    ("cpuinfo", "told"),
    [
        ("processor : 0\nmodel name : EPYC\nflags : fpu avx2 avx512f avx512_vnni\n",
         "EPYC, AVX2, AVX-512, VNNI"),
        ("processor : 0\nFeatures : fp asimd asimddp\n", "dot product"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_machine_is_told_by_what_it_computes_with(tmp_path, cpuinfo, told):
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert describe_machine(path).endswith(told)
    assert describe_machine(tmp_path / "absent") == describe_machine(path).removesuffix(f", {told}")
