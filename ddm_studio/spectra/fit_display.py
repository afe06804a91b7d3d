"""Which of many fits is to be seen while they run, one after the other or side by side."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from torch import Tensor

ShowGrid: TypeAlias = Callable[[Callable[[], Tensor], bool], None]
"""Given what makes a grid (rows, columns, 3, k, k), and whether that is the best so far of all; called from several threads.

A grid is only made where it is to be seen: many come in a second.
"""
Offer: TypeAlias = Callable[[float, Callable[[], Tensor]], None]
"""Given a loss, and what makes its grid."""


class Contest:
    """Fits whose losses may be compared. Each shows a grid that is better than its own before, whatever the others have.

    Args:
        show: Hears of these grids.
    """

    def __init__(self, show: ShowGrid) -> None:
        self._show, self._lowest = show, math.inf

    def enter(self) -> Offer:
        """One more fit; returns what it tells its losses."""
        lowest = math.inf

        def offer(loss: float, grid: Callable[[], Tensor]) -> None:
            nonlocal lowest
            if loss < lowest:
                lowest = loss
                is_best = loss < self._lowest
                self._lowest = min(self._lowest, loss)
                self._show(grid, is_best)

        return offer
