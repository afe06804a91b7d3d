"""The experiments of the paper (arXiv 2506.14605): `python -m benchmarks.paper EXPERIMENT [--scale small|paper] --data DIR`.

single             a motion kernel and an isotropic Gaussian one for all photos, noise 0.02
noise              the motion kernel at noise 0, 0.02, 0.04, 0.08
grid               a mono 8x8 grid of 27x27 kernels, noise 0.01, the flow pretrained on the sharp set
lens               an RGB 8x8 grid of 13x13 kernels, noise learned, the sharp set is the centres of other frames
super-resolution   the kernel of one picture at half resolution, a deep linear network; the picture upscaled by DPIR and zero-shot

Prints one table: the paper's scores beside the paper's figures where it gives them. Its photos are others (faces; a parking lot),
so PSNR and LPIPS compare kernels within a table, not with the paper's. LPIPS is a dash unless torchvision's AlexNet weights
lie in torch's cache; nothing is downloaded. Pictures of the true and the learned kernels go to `--out`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import torch

from benchmarks.known_lenses import add_data_option, data_folder, seeds
from benchmarks.paper import lenses, single, super_resolution
from benchmarks.paper.scales import SCALES, Scale
from benchmarks.paper.upscaling import Table, mean_of, rows
from benchmarks.recover_lens import HEAD as LENS_HEAD
from benchmarks.recover_lens import Scores as LensScores
from benchmarks.recover_lens import row as lens_row
from ddm_studio.engine.device import choose_device, prepare_engine_thread
from ddm_studio.settings import CalibrationSettings, Device

NEEDS_GPU = "The paper's sizes need a CUDA graphics card and none is here; use --scale small, or --device cpu to wait for weeks."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one experiment and return the exit code: 0, or 2 where the machine does not suffice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="benchmarks.paper")
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("--scale", choices=SCALES, default="small", help="for two cores and minutes, or the paper's sizes")
    parser.add_argument("--seeds", type=seeds, default=seeds("150"), help="of kernels, scenes and noise, such as 150-153")
    parser.add_argument("--device", type=Device, default=Device.AUTO)
    parser.add_argument("--out", type=Path, default=Path("paper-results"), help="folder for the pictures")
    add_data_option(parser)
    options = parser.parse_args(arguments)
    scale = SCALES[options.scale]
    if scale.needs_gpu and options.device is not Device.CPU and not torch.cuda.is_available():
        print(NEEDS_GPU, file=sys.stderr)
        return 2
    data_folder(options)
    threads = prepare_engine_thread(beside_window=False)
    print(f"{options.experiment}, scale {options.scale}, {choose_device(options.device)}, {threads} threads")
    EXPERIMENTS[options.experiment](scale, options)
    return 0


def run_single(scale: Scale, options: argparse.Namespace) -> None:
    """A motion kernel and a Gaussian one."""
    _single_table(scale, options, [("motion", single.NOISE), ("gaussian", single.NOISE)])


def run_noise(scale: Scale, options: argparse.Namespace) -> None:
    """The motion kernel at the four noise levels."""
    _single_table(scale, options, [("motion", noise) for noise in single.NOISE_LEVELS])


def _single_table(scale: Scale, options: argparse.Namespace, cases: list[tuple[str, float]]) -> None:
    settings = _on(options, scale.single.settings)
    print(single.HEAD)
    for name, noise in cases:
        table = []
        for seed in options.seeds:
            table.append(single.run(name, seed, noise, scale.single, settings, data_folder(options), options.out))
            print(single.row(name, str(seed), noise, table[-1]), flush=True)
        if len(table) > 1:
            print(single.row(name, "mean", noise, single.mean(table)))


def run_grid(scale: Scale, options: argparse.Namespace) -> None:
    """The mono grid."""
    _lens_table(scale.grid, options, lenses.run_grid)


def run_lens(scale: Scale, options: argparse.Namespace) -> None:
    """The RGB lens."""
    _lens_table(scale.lens, options, lenses.run_lens)


def _lens_table(scale: lenses.LensScale, options: argparse.Namespace, run: lenses.RunLens) -> None:
    print(f"{LENS_HEAD}   true gain  peak GB  model, stage, noise learned")
    table = []
    for seed in options.seeds:
        settings = _on(options, scale.settings).model_copy(update={"seed": seed})
        scores, rest = run(seed, scale, settings, data_folder(options), options.out)
        table.append(astuple(scores))
        print(f"{lens_row(str(seed), scores)}   {rest}", flush=True)
    if len(table) > 1:
        print(lens_row("mean", LensScores(*np.mean(table, axis=0).tolist())))


def run_super_resolution(scale: Scale, options: argparse.Namespace) -> None:
    """The kernel of a low-resolution picture, and the picture upscaled with it."""
    print(super_resolution.HEAD)
    print("      and below it the picture upscaled: Y-PSNR dB, LPIPS")
    table = []
    for seed in options.seeds:
        table.append(super_resolution.run(seed, scale.super_resolution, data_folder(options), options.out, choose_device(options.device)))
        _print_super_resolution(str(seed), *table[-1])
    if len(table) > 1:
        means = np.mean([astuple(scores) for scores, _ in table], axis=0).tolist()
        _print_super_resolution("mean", super_resolution.SuperResolutionScores(*means), mean_of([upscaled for _, upscaled in table]))


def _print_super_resolution(name: str, scores: super_resolution.SuperResolutionScores, upscaled: Table) -> None:
    print(super_resolution.row(name, scores), *rows(upscaled), sep="\n", flush=True)


def _on(options: argparse.Namespace, settings: CalibrationSettings) -> CalibrationSettings:
    return settings.model_copy(update={"device": options.device})


EXPERIMENTS = {
    "single": run_single,
    "noise": run_noise,
    "grid": run_grid,
    "lens": run_lens,
    "super-resolution": run_super_resolution,
}


if __name__ == "__main__":
    sys.exit(main())
