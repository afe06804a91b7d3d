import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.deblur import CONTENDERS, Contender, HeldOutPhoto, Lens, Scores, mean_of, measured, row
from benchmarks.lens_families import seidel
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode
from ddm_studio.optics.forward_model import photograph
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.settings import Method


def small_lens() -> Lens:
    scene = dead_leaves(110, 140, 3).clip(0, 1)
    psf = seidel(3)
    photo = photograph(torch.from_numpy(scene).permute(2, 0, 1), torch.from_numpy(psf), 0.01, torch.Generator().manual_seed(0))
    true = LensProfile(psf, np.full(3, 0.01, np.float32), (140, 110))
    delta = np.zeros_like(psf)
    delta[..., 6, 6] = 1
    return Lens(Path(), replace(true, psf=delta), true, (HeldOutPhoto(decode(photo.permute(1, 2, 0).numpy()), scene),))


def test_every_method_has_a_line_and_absent_weights_a_dash(tmp_path, monkeypatch) -> None:
    assert {contender.method for contender in CONTENDERS} == set(Method)
    monkeypatch.setattr("benchmarks.deblur.cache_folder", lambda: tmp_path)
    contenders = [
        Contender("true", Method.WIENER, true_grid=True),
        Contender("learned", Method.WIENER),
        Contender("published", Method.DPIR, denoiser="drunet"),
    ]
    lines = dict(measured(small_lens(), contenders, torch.device("cpu"), None, download=False, own=None))
    # The stand-in for a learned grid is no blur at all: it changes nothing, and the true grid does.
    assert lines["true"].psnr > lines["learned"].psnr + 1
    assert abs(lines["learned"].psnr - lines["blurred"].psnr) < 0.5
    assert lines["true"].again < 1.2
    assert np.isnan(lines["published"].psnr)
    assert row("published", lines["published"]).split()[1:] == ["-"] * 8


def test_means_are_of_columns_and_memory_is_the_largest() -> None:
    one, other = Scores(*[1.0] * 8), Scores(*[3.0] * 8)
    assert mean_of([one, other]) == Scores(*[2.0] * 7, 3.0)


ROOT = Path(__file__).parents[2]
HOLDS_MEMORY = """
import numpy as np
from benchmarks.peak_memory import PeakMemory
held = np.ones(150_000_000, np.uint8)
del held
before = PeakMemory().gigabytes()
memory = PeakMemory()
held = np.ones(100_000_000, np.uint8)
del held
print(memory.gigabytes() - before)
"""


def test_the_peak_is_that_of_what_was_held_meanwhile() -> None:
    """In a process of its own: one that has run other tests has freed memory at hand and need not grow."""
    told = subprocess.run([sys.executable, "-c", HOLDS_MEMORY], capture_output=True, text=True, check=True, cwd=ROOT)
    assert 0.09 < float(told.stdout) < 0.13
