"""Tensors of a module, its optimiser and its average, by name: what a `Snapshot` of a training loop holds."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

MOMENTS = ("exp_avg", "exp_avg_sq", "step")


def pack_module(prefix: str, module: nn.Module) -> dict[str, Tensor]:
    """Copies of all parameters and buffers."""
    return {f"{prefix}.{name}": _copy(value) for name, value in module.state_dict().items()}


def unpack_module(prefix: str, module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Undo `pack_module`."""
    module.load_state_dict({name: tensors[f"{prefix}.{name}"] for name in module.state_dict()})


def pack_values(prefix: str, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies of tensors by name."""
    return {f"{prefix}.{name}": _copy(value) for name, value in values.items()}


def unpack_values(prefix: str, values: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    """Write what `pack_values` copied back into `values`, in place."""
    with torch.no_grad():
        for name, value in values.items():
            value.copy_(tensors[f"{prefix}.{name}"])


def pack_adam(prefix: str, optimiser: torch.optim.Adam) -> dict[str, Tensor]:
    """Copies of the moments of Adam, numbered in the order of its parameters."""
    packed = {}
    for number, parameter in enumerate(_parameters(optimiser)):
        for moment, value in optimiser.state.get(parameter, {}).items():
            packed[f"{prefix}.{number}.{moment}"] = _copy(value)
    return packed


def unpack_adam(prefix: str, optimiser: torch.optim.Adam, tensors: Mapping[str, Tensor]) -> None:
    """Undo `pack_adam` for an optimiser made over the same parameters."""
    for number, parameter in enumerate(_parameters(optimiser)):
        state = {moment: tensors[f"{prefix}.{number}.{moment}"] for moment in MOMENTS if f"{prefix}.{number}.{moment}" in tensors}
        if state:
            # Adam keeps its step count on the CPU.
            optimiser.state[parameter] = {
                moment: value.clone() if moment == "step" else value.to(parameter.device, copy=True) for moment, value in state.items()
            }


def _parameters(optimiser: torch.optim.Adam) -> list[Tensor]:
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]


def _copy(value: Tensor) -> Tensor:
    return value.detach().to("cpu", copy=True)
