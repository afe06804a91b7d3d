"""Train the bundled denoiser: a narrow DRUNet on generated scenes and a few public-domain photos.

    python -m benchmarks.train_denoiser --work DIR --minutes 60 --data DIR_WITH_natural_b [--start denoiser.safetensors]

Runs on a CUDA graphics card when there is one, else on one thread; in bfloat16 where that is fast (weights stay in single
precision). Work lies in `--work` (scenes, checkpoint, current export); the export is rewritten every few minutes, so the training
may be stopped at any time and resumed by the same command. Needs the `train` extra (scikit-image, for its photos).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from deepinv.models import DRUNet
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from benchmarks.muon import Muon
from benchmarks.training_scenes import training_patches
from ddm_studio.deblur.denoisers import read_narrow_drunet, read_published
from ddm_studio.deblur.mixed_precision import MixedPrecisionDrunet, fast_type
from ddm_studio.deblur.weights import DRUNET as PUBLISHED
from ddm_studio.deblur.weights import cache_folder, is_genuine

WIDTHS = (16, 32, 64, 128)
BLOCKS = 2
LARGEST_SIGMA = 0.3
SMALLEST_SIGMA = 0.002
PATCH = 64
MUON_RATE = 0.004
ADAM_RATE = 5e-4
EXPORT_EVERY_S = 600
CHECKED_SIGMAS = (5 / 255, 15 / 255, 25 / 255, 50 / 255)


@dataclass
class Options:
    """What the command line asks for."""

    work: Path
    minutes: float
    data: Path | None
    start: Path | None
    batch: int
    seed: int


def main() -> None:
    """Train until the minutes are spent, counting those of earlier runs in the same work folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint and the export, outside the repository")
    parser.add_argument("--minutes", type=float, default=60.0, help="time altogether, including earlier runs; the rate falls at its end")
    parser.add_argument("--data", type=Path, default=os.environ.get("DDM_STUDIO_DATA"), help="folder with natural_b for validation")
    parser.add_argument("--start", type=Path, help="begin with the weights of this export instead of chance")
    parser.add_argument("--batch", type=int, default=16)
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
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        net = read_narrow_drunet(options.start) if options.start else start_near_identity(new_network())
        self._net = net.to(self._device, memory_format=torch.channels_last)
        self._average = new_network().to(self._device)
        self._average.load_state_dict(self._net.state_dict())
        self._optimizers = optimizers_of(self._net)
        self._step, self._seconds, self._processor_seconds = 0, 0.0, 0.0
        self._resume()

    def run(self) -> None:
        """Train, export every ten minutes and at the end."""
        budget = self._options.minutes * 60
        patches = training_patches(self._options.work / "scenes", self._options.seed + self._step, self._options.batch, PATCH)
        exported, losses = time.monotonic(), []
        while self._seconds < budget:
            began, began_processor = time.monotonic(), time.process_time()
            losses.append(self._train_step(next(patches), self._seconds / budget))
            self._processor_seconds += time.process_time() - began_processor
            # The schedule goes by the clock on the wall: on a busy machine the rate must fall, too, before the time is over.
            self._seconds += time.monotonic() - began
            if self._step % 200 == 0:
                print(f"step {self._step} {self._seconds:.0f} s ({self._processor_seconds:.0f} s) loss {np.mean(losses):.5f}", flush=True)
                losses.clear()
            if time.monotonic() - exported > EXPORT_EVERY_S:
                self._save()
                exported = time.monotonic()
        self._save()
        if self._options.data:
            print(f"published DRUNet: PSNR {published_scores(self._options.data) or '-'}", flush=True)

    def _train_step(self, clean: Tensor, done: float) -> float:
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = optimizer.defaults["lr"] * rate_factor(self._step, done)
        clean = clean.to(self._device)
        sigma = drawn_levels(len(clean)).view(-1, 1, 1, 1).to(self._device)
        noisy = (clean + sigma * torch.randn_like(clean)).contiguous(memory_format=torch.channels_last)
        error = (MixedPrecisionDrunet(self._net, fast_type(self._device))(noisy, sigma) - clean).abs().mean((1, 2, 3))
        loss = (error / (sigma.flatten() + 0.03).sqrt()).mean()
        self._net.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
        for optimizer in self._optimizers:
            optimizer.step()
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
        for which, optimizer in enumerate(self._optimizers):
            for number, state in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer.{which}.{number}.{name}": value for name, value in state.items()}
        tensors = {name: value.contiguous() for name, value in tensors.items()}
        position = {"step": str(self._step), "seconds": str(self._seconds), "processor_seconds": str(self._processor_seconds)}
        save_whole(tensors, self._options.work / "checkpoint.safetensors", position)
        facts = {"steps": self._step, "seconds": round(self._processor_seconds), "psnr": scores, "largest_sigma": LARGEST_SIGMA}
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
        self._processor_seconds = float(position["processor_seconds"])
        tensors = load_file(path)
        self._net.load_state_dict({name[4:]: value for name, value in tensors.items() if name.startswith("net.")})
        self._average.load_state_dict({name[8:]: value for name, value in tensors.items() if name.startswith("average.")})
        for which, optimizer in enumerate(self._optimizers):
            state = optimizer.state_dict()
            for name, value in tensors.items():
                if name.startswith(f"optimizer.{which}."):
                    _, _, number, field = name.split(".")
                    state["state"].setdefault(int(number), {})[field] = value
            optimizer.load_state_dict(state)


def optimizers_of(net: DRUNet) -> list[torch.optim.Optimizer]:
    """Muon for the hidden layers, Adam for the first and the last."""
    outer = [parameter for name, parameter in net.named_parameters() if name.startswith(("m_head", "m_tail"))]
    hidden = [parameter for name, parameter in net.named_parameters() if not name.startswith(("m_head", "m_tail"))]
    return [Muon(hidden, MUON_RATE), torch.optim.Adam(outer, ADAM_RATE, betas=(0.9, 0.99))]


def drawn_levels(count: int) -> Tensor:
    """Noise levels (count,): half of them log-uniform, half 0.3 u^2, as deblurring needs low ones most: DPIR ends at a few thousandths."""
    share = torch.rand(count)
    log_uniform = SMALLEST_SIGMA * (LARGEST_SIGMA / SMALLEST_SIGMA) ** share
    return torch.where(torch.rand(count) < 0.5, share.square() * LARGEST_SIGMA, log_uniform)


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
    """Warm up over 200 steps, stay, and fall to a hundredth over the last 70 % of the time."""
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, (done - 0.3) / 0.7))) if done > 0.3 else 1.0
    return min(1.0, (step + 1) / 200) * max(0.01, falling)


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
    device = next(net.parameters()).device
    for sigma in CHECKED_SIGMAS:
        noisy = (clean + sigma * noise).to(device, memory_format=torch.channels_last)
        restored = net(noisy, torch.tensor(sigma, device=device)).clamp(0, 1).cpu()
        psnr = -10 * (restored - clean).square().mean((1, 2, 3)).log10()
        scores[f"{sigma * 255:.0f}"] = round(float(psnr.mean()), 2)
    return scores


def published_scores(data: Path) -> dict[str, float]:
    """The same scores of the published DRUNet; none where its weights have not been downloaded."""
    path = cache_folder() / PUBLISHED.file
    if not path.exists() or not is_genuine(path, PUBLISHED):
        return {}
    network = DRUNet(pretrained=None)
    network.load_state_dict(read_published(path))
    return validate(network.eval(), data)


def save_whole(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    """Write a safetensors file all or nothing."""
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata)
    part.replace(path)


if __name__ == "__main__":
    main()
