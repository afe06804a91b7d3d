"""The file of a lens's own network: one safetensors file, so that reading it never runs code, and which lens it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ddm_studio import __version__
from ddm_studio.deblur.restorer import INPUTS, Restorer, RestorerNetwork
from ddm_studio.errors import WeightsError
from ddm_studio.project import write_atomically

# To be raised whenever the network's inputs are made otherwise: its weights mean nothing then.
FORMAT_VERSION = 1
ADVICE = "Train it again: ddm-studio train-restorer PROJECT"

_HEADER = "lens_restorer"


class Architecture(BaseModel):
    """The shape of the network."""

    model_config = ConfigDict(frozen=True)

    widths: tuple[int, int, int, int] = Field(description="Channels at each scale of the U-Net, deepinv's DRUNet.")
    blocks: int = Field(ge=1, description="Residual blocks per scale.")
    inputs: int = Field(INPUTS, description="Channels that it sees.")


class RestorerFacts(BaseModel):
    """Where a network comes from. Keys of other versions are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    steps: int = Field(0, description="Training steps.")
    seconds: float = Field(0.0, description="Seconds of training.")
    sharp_photos: int = Field(0, description="Sharp photos that pairs were made from.")
    held_out_photos: int = Field(0, description="Sharp photos that the scores come from, never trained on.")
    scores: dict[str, float] = Field(default_factory=dict, description="PSNR in dB on pairs of the held-out photos, by name.")
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings of the training.")
    program_version: str = Field(__version__, description="DDM Studio that trained it.")


def lens_digest(psf: NDArray[np.float32], noise_sigma: NDArray[np.float32], light: str) -> str:
    """What a network depends on of a profile: its kernels, its noise, and in which values they act."""
    parts = (np.ascontiguousarray(array, np.float32) for array in (psf, noise_sigma))
    content = b"".join(repr(part.shape).encode() + part.tobytes() for part in parts)
    return hashlib.sha256(content + light.encode()).hexdigest()


def save_restorer(path: Path, network: RestorerNetwork, digest: str, facts: RestorerFacts) -> None:
    """Write a network, all or nothing.

    Raises:
        InputError: The file cannot be written.
    """
    architecture = Architecture(widths=network.widths, blocks=network.blocks)
    header = {
        "format_version": FORMAT_VERSION,
        "architecture": architecture.model_dump(),
        "lens": digest,
        "facts": facts.model_dump(mode="json"),
    }
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    metadata = {_HEADER: json.dumps(header, allow_nan=False)}
    write_atomically(path, lambda temporary: save_file(tensors, temporary, metadata=metadata))


def load_restorer(path: Path, digest: str, device: torch.device) -> Restorer:
    """Read the network of the lens whose `lens_digest` is given.

    Raises:
        WeightsError: The file is missing, damaged, newer than this program, or belongs to another lens.
    """
    header, tensors = _read(path, with_tensors=True)
    _check(path, header, digest)
    try:
        shape = Architecture.model_validate(header["architecture"])
        if shape.inputs != INPUTS:
            raise ValueError(f"the network has {shape.inputs} inputs instead of {INPUTS}")
        network = RestorerNetwork(shape.widths, shape.blocks, device)
        network.load_state_dict(tensors)
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
            raise ValueError("its weights hold NaN or infinity")
    except (KeyError, ValueError, RuntimeError) as error:
        raise _damaged(path, error) from error
    return Restorer(network.eval().requires_grad_(False))


def load_restorer_facts(path: Path, digest: str) -> RestorerFacts:
    """Where the network of a lens comes from, without reading its weights.

    Raises:
        WeightsError: As `load_restorer`.
    """
    header, _ = _read(path, with_tensors=False)
    _check(path, header, digest)
    try:
        return RestorerFacts.model_validate(header["facts"])
    except (KeyError, ValidationError) as error:
        raise _damaged(path, error) from error


def _read(path: Path, with_tensors: bool) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    if not path.exists():
        raise WeightsError(f"There is no network {path}", "It has not been trained yet, or was moved", ADVICE)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            header = json.loads((file.metadata() or {})[_HEADER])
            if not isinstance(header, dict) or not isinstance(header["format_version"], int):
                raise ValueError("its header is not that of a lens's network")
            # Copies: the file is mapped into memory, and may be replaced while the tensors live.
            names = list(file.keys()) if with_tensors else []
            return header, {name: file.get_tensor(name).float().clone() for name in names}
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, error) from error


def _check(path: Path, header: Mapping[str, Any], digest: str) -> None:
    version = header["format_version"]
    if version > FORMAT_VERSION:
        why = f"Its format is {version}, this program reads up to {FORMAT_VERSION}"
        raise WeightsError(f"{path} was written by a newer DDM Studio", why, "Update DDM Studio")
    if version < FORMAT_VERSION:
        why = f"Its format is {version}, this program's networks have {FORMAT_VERSION} and see other inputs"
        raise WeightsError(f"{path} was written by an older DDM Studio", why, ADVICE)
    if header.get("lens") != digest:
        raise WeightsError(f"{path} does not fit the lens profile", "It was trained for other kernels or another noise level", ADVICE)


def _damaged(path: Path, error: Exception) -> WeightsError:
    why = f"{error} is missing in its header" if isinstance(error, KeyError) else str(error).splitlines()[0]
    return WeightsError(f"{path} cannot be read", f"It is no lens's network, or a damaged one ({why})", ADVICE)
