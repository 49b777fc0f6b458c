"""How long the tests that play at random go on: short in every run, long in `make nightly`."""

import os

FACTOR = int(os.environ.get("PLAY_FACTOR", "1"))


def plays(usual: int) -> int:
    """So many examples: the usual number, or many times as many at night."""
    return usual * FACTOR
