"""Every proof holds at a small scale, and its page was measured on the present sources."""

from __future__ import annotations

import pytest

from tests.prove.proofs import load, measured_digest, names

SEED = 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", names())
def test_proof_holds_at_a_small_scale(name, open_tmp_path):
    proof = load(name)
    assert proof.measure(proof.small, SEED, open_tmp_path)


@pytest.mark.parametrize("name", names())
def test_page_was_measured_on_the_present_sources(name):
    assert measured_digest(name) == load(name).digest(), f"stale: make prove ARGS={name}"
