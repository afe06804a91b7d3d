"""The best state of a run by a measure that needs no truth, and for how long there has been no better one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from ddm_studio.events import ConvergenceCurve
from ddm_studio.flow.loop_state import pack_values


class BestSoFar:
    """Remembers every look at the measure, and the parameters at the lowest; ties go to the earlier.

    Args:
        patience: After so many looks without a better one the run has settled.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._steps: list[int] = []
        self._values: list[float] = []
        self.parameters: dict[str, Tensor] = {}

    def has_seen(self, step: int) -> bool:
        """Whether there was a look after `step` steps already, before a stop perhaps."""
        return step in self._steps

    def see(self, step: int, value: float, parameters: Mapping[str, Tensor]) -> None:
        """Take note of a look after `step` steps."""
        if not self._values or value < min(self._values):
            self.parameters = {name: tensor.detach().clone() for name, tensor in parameters.items()}
        self._steps.append(step)
        self._values.append(value)

    @property
    def step(self) -> int:
        """Of the lowest value."""
        return self._steps[int(np.argmin(self._values))]

    @property
    def looks_since(self) -> int:
        """How many looks came after the lowest value."""
        return len(self._values) - 1 - int(np.argmin(self._values)) if self._values else 0

    @property
    def has_settled(self) -> bool:
        """Whether `patience` looks brought nothing better."""
        return self.looks_since >= self._patience

    def curve(self, stage: str) -> ConvergenceCurve:
        """All looks, for the audience."""
        steps, values = np.array(self._steps, np.int64), np.array(self._values, np.float32)
        for array in (steps, values):
            array.flags.writeable = False
        return ConvergenceCurve(stage, steps, values, self.has_settled)

    def pack(self) -> dict[str, Tensor]:
        """All of it, for a snapshot."""
        looks = {"steps": torch.tensor(self._steps, dtype=torch.int64), "values": torch.tensor(self._values, dtype=torch.float64)}
        return pack_values("looks", looks) | pack_values("best", self.parameters)

    def unpack(self, tensors: Mapping[str, Tensor], device: torch.device) -> None:
        """Undo `pack`."""
        self._steps, self._values = tensors["looks.steps"].tolist(), tensors["looks.values"].tolist()
        self.parameters = {name.removeprefix("best."): tensor.to(device) for name, tensor in tensors.items() if name.startswith("best.")}
