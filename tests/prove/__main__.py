"""`make prove`: runs the proofs named on the command line, or all, at their full scale."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.leftovers import guard_this_process
from tests.prove.proofs import Proof, load, names, write_section

SEED = 1


def main(wanted: list[str]) -> int:
    """Run the proofs and write their sections; return 1 where a claim does not hold."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        print(f"no proof is called {unknown[0]}; proofs: {', '.join(names())}", file=sys.stderr)
        return 1
    guard_this_process()
    failed = [name for name in wanted or names() if not _holds(name, load(name))]
    return int(bool(failed))


def _holds(name: str, proof: Proof) -> bool:
    print(f"== {name} at scale {proof.full}", flush=True)
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="motcua-proof-") as folder:
        Path(folder).chmod(0o711)  # a database that root starts runs as another user
        try:
            figures = proof.measure(proof.full, SEED, Path(folder))
        except AssertionError as error:
            print(f"{name} does not hold: {error}", file=sys.stderr)
            return False
    write_section(name, proof, figures, seed=SEED)
    print(f"{name} holds ({time.monotonic() - began_s:.0f} s): {proof.page}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
