"""Train the bundled denoiser: a narrow DRUNet on generated dead-leaves scenes and a few public-domain photos.

    python -m benchmarks.train_denoiser --work DIR --minutes 60 --data DIR_WITH_natural_b

Work lies in `--work` (checkpoint, current export); the export is rewritten every few minutes, so the training may be
stopped at any time and resumed by the same command. Needs the `train` extra (scikit-image, for its photos).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from deepinv.models import DRUNet
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ddm_studio.optics.dead_leaves import dead_leaves

WIDTHS = (16, 32, 64, 128)
BLOCKS = 2
LARGEST_SIGMA = 0.3
PATCH = 64
SCENES_KEPT = 120
CHECKED_SIGMAS = (5 / 255, 15 / 255, 25 / 255, 50 / 255)

# Public domain or CC0 by the docstring of each in skimage.data; the demo's photos are left out on purpose.
SKIMAGE_PHOTOS = ("brick.png", "grass.png", "gravel.png", "camera.png", "moon.png", "rocket.jpg", "hubble_deep_field.jpg", "retina.jpg")


@dataclass
class Options:
    """What the command line asks for."""

    work: Path
    minutes: float
    data: Path | None
    batch: int
    learning_rate: float
    seed: int


def main() -> None:
    """Train until the minutes are spent, counting those of earlier runs in the same work folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint and the export, outside the repository")
    parser.add_argument("--minutes", type=float, default=60.0, help="processor time altogether, including earlier runs")
    parser.add_argument("--data", type=Path, default=os.environ.get("DDM_STUDIO_DATA"), help="folder with natural_b for validation")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--learning-rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = Options(**vars(parser.parse_args()))
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    Training(options).run()


class Training:
    """The state of a training run and its loop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        torch.manual_seed(options.seed)
        self._net = start_near_identity(new_network()).to(memory_format=torch.channels_last)
        self._average = new_network()
        self._average.load_state_dict(self._net.state_dict())
        self._adam = torch.optim.Adam(self._net.parameters(), lr=options.learning_rate, betas=(0.9, 0.99))
        self._step, self._seconds = 0, 0.0
        self._resume()

    def run(self) -> None:
        """Train, export every five minutes and at the end."""
        budget = self._options.minutes * 60
        patches = training_patches(self._options.seed + self._step, self._options.batch)
        exported, began, loss_sum, loss_count = time.monotonic(), time.process_time(), 0.0, 0
        spent = self._seconds
        while self._seconds < budget:
            loss_sum += self._train_step(next(patches), self._seconds / budget)
            loss_count += 1
            self._seconds = spent + time.process_time() - began
            if self._step % 200 == 0:
                print(f"step {self._step} {self._seconds:.0f} s loss {loss_sum / loss_count:.5f}", flush=True)
                loss_sum, loss_count = 0.0, 0
            first = self._step == 300
            if first or time.monotonic() - exported > 300:
                self._save()
                exported = time.monotonic()
        self._save()

    def _train_step(self, clean: Tensor, done: float) -> float:
        for group in self._adam.param_groups:
            group["lr"] = self._options.learning_rate * rate_factor(self._step, done)
        count = len(clean)
        spread = torch.rand(count)
        # Half the levels uniform, half log-uniform: the last steps of DPIR run at a few thousandths.
        sigma = torch.where(torch.rand(count) < 0.5, spread * LARGEST_SIGMA, 0.002 * (LARGEST_SIGMA / 0.002) ** spread).view(-1, 1, 1, 1)
        noisy = (clean + sigma * torch.randn_like(clean)).contiguous(memory_format=torch.channels_last)
        error = (self._net(noisy, sigma) - clean).abs().mean((1, 2, 3))
        loss = (error / (sigma.flatten() + 0.03).sqrt()).mean()
        self._adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
        self._adam.step()
        self._step += 1
        keep = min(0.999, 1 - 1 / (1 + 0.1 * self._step))
        with torch.no_grad():
            for slow, fast in zip(self._average.parameters(), self._net.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        return float(loss.detach())

    def _save(self) -> None:
        scores = validate(self._average, self._options.data) if self._options.data else {}
        print(f"step {self._step}: PSNR {scores}", flush=True)
        tensors = {f"net.{name}": value for name, value in self._net.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self._average.state_dict().items()}
        for number, state in self._adam.state_dict()["state"].items():
            tensors |= {f"adam.{number}.{name}": value for name, value in state.items()}
        tensors = {name: value.contiguous() for name, value in tensors.items()}
        position = {"step": str(self._step), "seconds": str(self._seconds)}
        save_whole(tensors, self._options.work / "checkpoint.safetensors", position)
        facts = {"steps": self._step, "seconds": round(self._seconds), "psnr": scores, "largest_sigma": LARGEST_SIGMA}
        half = {name: value.half().contiguous() for name, value in self._average.state_dict().items()}
        architecture = {"class": "deepinv.models.DRUNet", "nc": WIDTHS, "nb": BLOCKS}
        metadata = {"architecture": json.dumps(architecture), "training": json.dumps(facts), "licence": "BSD-3-Clause"}
        save_whole(half, self._options.work / "denoiser.safetensors", metadata)

    def _resume(self) -> None:
        path = self._options.work / "checkpoint.safetensors"
        if not path.exists():
            return
        with safe_open(path, "pt") as file:
            position = file.metadata()
        self._step, self._seconds = int(position["step"]), float(position["seconds"])
        tensors = load_file(path)
        self._net.load_state_dict({name[4:]: value for name, value in tensors.items() if name.startswith("net.")})
        self._average.load_state_dict({name[8:]: value for name, value in tensors.items() if name.startswith("average.")})
        state = self._adam.state_dict()
        for name, value in tensors.items():
            if name.startswith("adam."):
                _, number, field = name.split(".")
                state["state"].setdefault(int(number), {})[field] = value
        self._adam.load_state_dict(state)


def new_network() -> DRUNet:
    """The network, untrained."""
    return DRUNet(nc=WIDTHS, nb=BLOCKS, pretrained=None)


def start_near_identity(net: DRUNet) -> DRUNet:
    """Route the three colours straight from head to tail, so that training only has to learn the correction."""
    with torch.no_grad():
        for parameter in net.parameters():
            # deepinv starts with gain 0.2 in every convolution, which starves the deep levels.
            parameter.mul_(3.0)
        for block in net.modules():
            if type(block).__name__ == "ResBlock":
                block.res[-1].weight.mul_(0.3)
        net.m_head.weight[:3] = 0
        net.m_tail.weight[:, :3] = 0
        net.m_tail.weight[:, 3:] *= 0.1
        for colour in range(3):
            net.m_head.weight[colour, colour, 1, 1] = 1
            net.m_tail.weight[colour, colour, 1, 1] = 1
        net.m_up1[0].weight[:, :3] = 0
    return net


def rate_factor(step: int, done: float) -> float:
    """Warm up over 200 steps, stay, and fall to a hundredth over the last 40 % of the time."""
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, (done - 0.6) / 0.4))) if done > 0.6 else 1.0
    return min(1.0, (step + 1) / 200) * max(0.01, falling)


def training_patches(seed: int, count: int) -> Iterator[Tensor]:
    """Endless batches (count, 3, PATCH, PATCH) of clean display-encoded patches; a quarter from photos."""
    random = np.random.default_rng(seed)
    photos = public_domain_photos()
    scenes = [dead_leaves(384, 512, int(random.integers(2**40))) for _ in range(6)]
    number = 0
    while True:
        yield torch.stack([augmented(random, photos if random.random() < 0.25 else scenes) for _ in range(count)])
        number += 1
        every = 10 if len(scenes) < SCENES_KEPT else 50
        if number % every == 0:
            fresh = dead_leaves(384, 512, int(random.integers(2**40)))
            if len(scenes) < SCENES_KEPT:
                scenes.append(fresh)
            else:
                scenes[int(random.integers(SCENES_KEPT))] = fresh


def augmented(random: np.random.Generator, images: list[np.ndarray]) -> Tensor:
    """A random patch, at a random scale and sharpness, turned, flipped and tinted."""
    image = images[int(random.integers(len(images)))]
    scale = float(random.choice([1.0, 1.0, 1.5, 2.0]))
    side = int(PATCH * scale)
    top, left = (int(random.integers(extent - side + 1)) for extent in image.shape[:2])
    window = np.rot90(image[top : top + side, left : left + side], int(random.integers(4)))
    if random.random() < 0.5:
        window = window[:, ::-1]
    patch = torch.from_numpy(np.ascontiguousarray(window)).permute(2, 0, 1)
    if scale > 1:
        patch = F.interpolate(patch[None], (PATCH, PATCH), mode="area")[0]
    elif random.random() < 0.5:
        patch = softened(patch, float(random.uniform(0.3, 1.2)))
    if random.random() < 0.3:
        patch = patch[torch.from_numpy(random.permutation(3))]
    gain = torch.from_numpy(np.exp(random.normal(0, 0.2, (3, 1, 1)) * (random.random() < 0.5) + random.normal(0, 0.2))).float()
    contrast = float(random.uniform(0.5, 1.1))
    centre = patch.mean()
    return ((patch - centre) * contrast + centre).mul(gain).clamp(0, 1)


def softened(patch: Tensor, width: float) -> Tensor:
    """The patch blurred by a 5-tap Gaussian: photos are not as sharp as generated scenes."""
    taps = torch.exp(-0.5 * (torch.arange(-2.0, 3.0) / width) ** 2)
    taps = (taps / taps.sum()).view(1, 1, 1, 5)
    padded = F.pad(patch[:, None], (2, 2, 2, 2), mode="replicate")
    return F.conv2d(F.conv2d(padded, taps), taps.transpose(2, 3))[:, 0]


def public_domain_photos() -> list[np.ndarray]:
    """Photos (h, w, 3) float32 in 0-1 of matplotlib (US Navy) and scikit-image (CC0 or public domain)."""
    import matplotlib
    import skimage

    paths = [Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"]
    paths += [Path(skimage.__file__).parent / "data" / name for name in SKIMAGE_PHOTOS]
    return [np.asarray(Image.open(path).convert("RGB"), np.float32) / 255 for path in paths]


@torch.no_grad()
def validate(net: DRUNet, data: Path, count: int = 10) -> dict[str, float]:
    """Mean PSNR over scenes of natural_b (never trained on) per noise level in 1/255."""
    scores = {}
    crops = [
        np.asarray(Image.open(path).convert("RGB"), np.float32)[:320, :320] / 255
        for path in sorted((data / "natural_b").glob("*.jpg"))[:count]
    ]
    clean = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    for sigma in CHECKED_SIGMAS:
        noisy = (clean + sigma * noise).contiguous(memory_format=torch.channels_last)
        restored = net(noisy, torch.tensor(sigma)).clamp(0, 1)
        psnr = -10 * (restored - clean).square().mean((1, 2, 3)).log10()
        scores[f"{sigma * 255:.0f}"] = round(float(psnr.mean()), 2)
    return scores


def save_whole(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    """Write a safetensors file all or nothing."""
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata)
    part.replace(path)


if __name__ == "__main__":
    main()
