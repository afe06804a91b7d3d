"""The state of a stage between two steps, enough to go on bit for bit, and the randomness of each step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything a stage needs to go on after `step` steps. Tensors are copies on the CPU."""

    step: int
    tensors: Mapping[str, torch.Tensor]


SaveSnapshot: TypeAlias = Callable[[Snapshot], None]


def seed_of(seed: int, purpose: str, step: int = 0) -> int:
    """A 63-bit seed that depends on these three only, so that a resumed run draws what an uninterrupted one would."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{step}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
