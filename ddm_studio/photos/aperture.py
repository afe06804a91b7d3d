"""f-numbers: which are the same, and how many stops lie between two."""

from __future__ import annotations

import math

# Cameras round: f/1.7 and f/1.8 of the same lens, f/5.6 and f/5.7.
SAME_WITHIN_STOPS = 0.2


def stops_between(wider: float, narrower: float) -> float:
    """Stops from one f-number to another; a stop halves the light, which multiplies the f-number by the root of 2."""
    return 2 * math.log2(narrower / wider)


def same_aperture(a: float, b: float) -> bool:
    """Whether two f-numbers name one setting."""
    return abs(stops_between(a, b)) <= SAME_WITHIN_STOPS
