"""The learned priors of DPIR and DiffPIR: the bundled narrow DRUNet, and deepinv's published networks as options.

A denoiser takes display-encoded images (n, 3, h, w), about 0-1, sides divisible by 8, and a noise level (0-d tensor).
Weights are read as data only: safetensors, or `torch.load(weights_only=True)` of a file whose hash has been checked.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from deepinv.models import DiffUNet, DRUNet
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ddm_studio.bundled import bundled_file
from ddm_studio.deblur.mixed_precision import MixedPrecisionDrunet, fast_type
from ddm_studio.deblur.weights import DIFFUNET, DRUNET, fetch_weights
from ddm_studio.errors import WeightsError
from ddm_studio.settings import DenoiserName

COMPILE_VARIABLE = "DDM_STUDIO_COMPILE"


@dataclass(frozen=True, slots=True, eq=False)
class Denoiser:
    """A network ready for use.

    Attributes:
        network: Takes images and a level.
        device: Where the network's weights are.
    """

    network: nn.Module
    device: torch.device

    def __call__(self, images: Tensor, level: Tensor) -> Tensor:
        """Images (n, 3, h, w) freed from noise of standard deviation `level`."""
        clean: Tensor = self.network(images.contiguous(memory_format=torch.channels_last), level)
        return clean


def load_denoiser(
    name: DenoiserName, device: torch.device, folder: Path | None = None, on_bytes: Callable[[int, int], None] = lambda done, total: None
) -> Denoiser:
    """A denoiser by the name it has in the settings; published ones are downloaded on first use.

    Raises:
        WeightsError: Weights are missing, damaged or cannot be downloaded.
    """
    if name == "bundled":
        return ready(MixedPrecisionDrunet(read_narrow_drunet(bundled_weights()), fast_type(device)), device, compiling_wanted(device))
    if name == "drunet":
        network = DRUNet(pretrained=None)
        network.load_state_dict(read_published(fetch_weights(DRUNET, folder, on_bytes=on_bytes)))
        return ready(MixedPrecisionDrunet(network, fast_type(device)), device, compiling_wanted(device))
    network = DiffUNet(pretrained=None)
    # The published file lacks the buffers of the noise schedule, which the constructor derives.
    schedule = {name: tensor for name, tensor in network.state_dict().items() if name.startswith("sqrt_")}
    network.load_state_dict(schedule | read_published(fetch_weights(DIFFUNET, folder, on_bytes=on_bytes)))
    return ready(network, device)


def bundled_weights() -> Path:
    """The bundled file of weights.

    Raises:
        WeightsError: The installation lacks it.
    """
    try:
        return bundled_file("denoiser.safetensors")
    except FileNotFoundError as error:
        raise WeightsError("The bundled denoiser is missing", str(error), "Install DDM Studio again") from error


def ready(network: nn.Module, device: torch.device, compiled: bool = False) -> Denoiser:
    """A network frozen, in evaluation mode, its weights in single precision on the device.

    Args:
        network: Takes images and a level.
        device: Where to compute.
        compiled: By torch's compiler, at the first call with each size of batch; where it fails the network is used as it is.
    """
    prepared = network.float().eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
    if compiled:
        torch._dynamo.config.suppress_errors = True
        prepared.compile()
    return Denoiser(prepared, device)


def compiling_wanted(device: torch.device) -> bool:
    """Whether networks are to be compiled: on a graphics card, when asked for. It takes longer than a photo, so many must follow."""
    return device.type == "cuda" and os.environ.get(COMPILE_VARIABLE) == "1"


def read_narrow_drunet(path: Path) -> DRUNet:
    """A DRUNet whose widths stand in the file's own metadata.

    Raises:
        WeightsError: The file is damaged or holds another network.
    """
    try:
        with safe_open(path, "pt") as file:
            declared = json.loads((file.metadata() or {})["architecture"])
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118  (not a mapping)
        network = DRUNet(nc=tuple(declared["nc"]), nb=declared["nb"], pretrained=None)
        network.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The denoiser {path.name} cannot be read", str(error), "Install DDM Studio again") from error
    return network


def read_published(path: Path) -> dict[str, Tensor]:
    """The tensors of a PyTorch file, read as data: code inside it is refused, not run.

    Raises:
        WeightsError: The file is damaged or holds anything but tensors.
    """
    try:
        tensors: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise WeightsError(
            f"The weights {path.name} cannot be read", str(error).splitlines()[0], "Delete the file, and it is downloaded again"
        ) from error
    return tensors
