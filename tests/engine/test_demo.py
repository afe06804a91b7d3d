"""The demo: made, calibrated, deblurred and scored, all in a folder of its own."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_sets import Listener

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.demo import BLURRY_PHOTOS, HEIGHT, SHARP_PHOTOS, WIDTH, run_demo
from ddm_studio.engine.requests import DemoRequest, DemoResult
from ddm_studio.errors import InputError
from ddm_studio.events import Progress, StageFinished, StageStarted
from ddm_studio.profiles.lens_names import title_of
from ddm_studio.profiles.lens_profile import load_profile

PICTURES = ("before.png", "after_wiener.png", "after_dpir.png", "after_diffpir.png")
SCORES = ("ncc_mean", "ncc_min", "psnr_blurred", "psnr_wiener", "psnr_dpir", "psnr_diffpir", "seconds")


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        run_demo(DemoRequest(tmp_path), Listener(), RunControl())
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.txt"]


@pytest.mark.slow
def test_a_stop_while_photos_are_made_leaves_no_half_photo(tmp_path: Path) -> None:
    control = RunControl()
    listener = Listener(lambda event: control.stop() if isinstance(event, Progress) else None)
    with pytest.raises(Cancelled):
        run_demo(DemoRequest(tmp_path / "demo"), listener, control)
    made = [path for path in (tmp_path / "demo").rglob("*") if path.is_file()]
    assert 1 <= len(made) <= 3
    assert {path.suffix for path in made} == {".png"}
    for path in made:
        with Image.open(path) as picture:
            picture.load()
            assert picture.size == (WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoResult, Listener]:
    torch.set_num_threads(1)
    out, listener = tmp_path_factory.mktemp("demo") / "out", Listener()
    return out, run_demo(DemoRequest(out), listener, RunControl()), listener


@pytest.mark.slow
def test_the_lens_is_found_and_the_photos_become_better(demo: tuple[Path, DemoResult, Listener]) -> None:
    _, result, _ = demo
    assert result.ncc_mean >= 0.9
    assert result.ncc_min <= result.ncc_mean <= 1
    assert result.psnr_wiener >= result.psnr_blurred + 2
    assert result.psnr_dpir > result.psnr_blurred
    assert result.psnr_diffpir > result.psnr_blurred


@pytest.mark.slow
def test_the_result_file_holds_every_score(demo: tuple[Path, DemoResult, Listener]) -> None:
    out, result, _ = demo
    written = json.loads((out / "result.json").read_text())
    for name in SCORES:
        assert math.isfinite(written[name])
        assert written[name] == asdict(result)[name]
    assert Path(written["profile"]) == result.profile
    profile = load_profile(result.profile)
    assert profile.psf.shape == (8, 8, 3, 13, 13)
    assert title_of(profile.facts, result.profile) == "Demo lens"  # not the folder's name, "lens"


@pytest.mark.slow
def test_the_pictures_can_be_looked_at(demo: tuple[Path, DemoResult, Listener]) -> None:
    out, _, _ = demo
    panels = []
    for name in PICTURES:
        with Image.open(out / name) as picture:
            assert picture.size == (WIDTH, HEIGHT)
            panels.append(np.asarray(picture))
    for first, second in pairwise(panels):
        assert not np.array_equal(first, second)
    with Image.open(out / "comparison.png") as comparison:
        np.testing.assert_array_equal(np.asarray(comparison), np.concatenate(panels, axis=1))
    assert (out / "psf_grid.png").stat().st_size > 0


@pytest.mark.slow
def test_nothing_is_given_away_and_nothing_half_written(demo: tuple[Path, DemoResult, Listener]) -> None:
    out, _, listener = demo
    assert (len(list((out / "blurry").iterdir())), len(list((out / "sharp").iterdir()))) == (BLURRY_PHOTOS, SHARP_PHOTOS)
    learned_from = {path.read_bytes() for folder in ("blurry", "sharp") for path in (out / folder).iterdir()}
    shown = [path.read_bytes() for folder in ("truth", "to_deblur") for path in (out / folder).iterdir()]
    assert len(shown) == 4
    assert not learned_from.intersection(shown)
    assert not [path for path in out.rglob("*") if ".part" in path.name]
    marks = [(type(event), event.stage) for event in listener.events if isinstance(event, StageStarted | StageFinished)]
    assert marks[::2] == [(StageStarted, stage) for _, stage in marks[1::2]]
    assert all(kind is StageFinished for kind, _ in marks[1::2])
