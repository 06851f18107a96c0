"""Every proof holds at a small scale, and its page was measured on the present sources."""

from __future__ import annotations

import pytest

from tests.prove.proofs import figures_of, load, measured_digest, names

SEED = 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", names())
def test_proof_holds_at_a_small_scale(name, open_tmp_path):
    proof = load(name)
    assert proof.measure(proof.small, SEED, open_tmp_path)


@pytest.mark.parametrize("name", names())
def test_page_was_measured_on_the_present_sources(name):
    assert measured_digest(name) == load(name).digest(), f"stale: make prove ARGS={name}"


@pytest.mark.parametrize("name", names())
def test_what_the_product_quotes_is_what_was_measured(name):
    for file, text in load(name).quoted(figures_of(name)).items():
        assert file.read_text(encoding="utf-8") == text, f"{file} is another run's"
