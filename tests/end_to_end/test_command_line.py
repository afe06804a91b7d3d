"""The command line as a person or a script meets it: real processes on real files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_sets import BLURRY, COLUMNS, HEIGHT, KERNEL, ROWS, SHARP, WIDTH, blurry_folder, hashes_below, optical_lens, sharp_folder

from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.profiles.lens_profile import load_profile

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("sets")
    blurry_folder(root / "blurry", lens=optical_lens)
    sharp_folder(root / "sharp")
    (root / "blurry" / "text.jpg").write_text("no photo")
    before = hashes_below(root)
    yield root
    assert hashes_below(root) == before


@pytest.fixture(scope="module")
def calibrated(sets: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """`calibrate --json` of folders with one file that is no photo, and the project it made."""
    project = tmp_path_factory.mktemp("calibrated") / "project"
    return ddm_studio(*calibration(sets, project), "--json"), project


@pytest.fixture(scope="module")
def lens(calibrated: tuple[subprocess.CompletedProcess[str], Path]) -> Path:
    return calibrated[1] / "profile.lens"


def command(*words: object) -> tuple[list[str], dict[str, str]]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "DDM_STUDIO_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return [sys.executable, "-m", "ddm_studio", *map(str, words)], variables


def ddm_studio(*words: object) -> subprocess.CompletedProcess[str]:
    line, variables = command(*words)
    return subprocess.run(line, capture_output=True, text=True, env=variables, timeout=300, check=False)


def calibration(sets: Path, project: Path) -> list[object]:
    grid = f"{ROWS}x{COLUMNS}"
    folders = ["--blurry", sets / "blurry", "--sharp", sets / "sharp", "--out", project]
    return ["calibrate", *folders, "--grid", grid, "--kernel", KERNEL, "--device", "cpu"]


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def is_one_sentence(text: str) -> bool:
    """One line for a person, without a traceback."""
    return len(text.strip().splitlines()) == 1 and text.strip().endswith(".") and "Traceback" not in text


def test_calibrate_tells_its_story_in_json_and_ends_with_a_profile(
    sets: Path, calibrated: tuple[subprocess.CompletedProcess[str], Path], lens: Path
) -> None:
    done, project = calibrated
    assert (done.returncode, done.stderr) == (0, "")
    events = objects(done.stdout)
    assert events[-1]["event"] == "run_finished"
    assert Path(events[-1]["result"]["profile"]) == project / "profile.lens"
    assert [event["event"] for event in events].count("run_finished") == 1
    counted = {event["set_name"]: event["used"] for event in events if event["event"] == "photos_counted"}
    assert counted == {"blurry": BLURRY, "sharp": SHARP}
    (skipped,) = [event for event in events if event["event"] == "photo_skipped"]
    assert Path(skipped["path"]) == sets / "blurry" / "text.jpg"
    assert skipped["reason"]
    started = [event["stage"] for event in events if event["event"] == "stage_started"]
    assert started == [event["stage"] for event in events if event["event"] == "stage_finished"]
    profile = load_profile(lens)
    assert profile.frame == (WIDTH, HEIGHT)
    assert grid_ncc(profile.psf, optical_lens()).mean() > 0.95


def test_info_says_what_the_profile_holds(lens: Path) -> None:
    plain, as_json = ddm_studio("info", lens), ddm_studio("info", lens, "--json")
    assert (plain.returncode, as_json.returncode) == (0, 0)
    assert f"{WIDTH}" in plain.stdout
    assert "spectra of both sets" in plain.stdout
    (ending,) = objects(as_json.stdout)
    assert ending["event"] == "run_finished"
    assert "matching spectra" in json.dumps(ending)


def test_a_profile_travels_through_every_format_and_back(lens: Path, tmp_path: Path) -> None:
    for suffix in (".npz", ".tiff", ".png", ".json"):
        done = ddm_studio("export", lens, "--to", tmp_path / f"grid{suffix}")
        assert (done.returncode, done.stderr) == (0, "")
        assert (tmp_path / f"grid{suffix}").stat().st_size > 0
    truth = load_profile(lens).psf
    np.testing.assert_array_equal(np.load(tmp_path / "grid.npz")["psf"], truth)
    json.loads((tmp_path / "grid.json").read_text())
    with Image.open(tmp_path / "grid.png") as mosaic:
        assert min(mosaic.size) > KERNEL
    words = ("--noise", "0.01", "--frame", f"{WIDTH}x{HEIGHT}", "--to", tmp_path / "back.lens")
    assert ddm_studio("import", tmp_path / "grid.npz", *words).returncode == 0
    np.testing.assert_allclose(load_profile(tmp_path / "back.lens").psf, truth, atol=1e-6)


def test_deblur_finishes_the_other_photos_when_one_is_broken(sets: Path, lens: Path, tmp_path: Path) -> None:
    good = sets / "blurry" / "blurry_00.png"
    broken = tmp_path / "broken.png"
    broken.write_bytes(good.read_bytes()[:500])
    words = ("--profile", lens, "--method", "wiener", "--out", tmp_path / "out", "--device", "cpu", "--json")
    done = ddm_studio("deblur", broken, good, *words)
    assert done.returncode == 2
    assert is_one_sentence(done.stderr)
    assert "broken.png" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["blurry_00_wiener.tif", "blurry_00_wiener.tif.json"]
    ending = objects(done.stdout)[-1]
    assert ending["event"] == "run_finished"
    assert len(ending["result"]["saved"]) == len(ending["result"]["failed"]) == 1


def test_a_profile_of_random_bytes_is_refused_by_every_command(sets: Path, tmp_path: Path) -> None:
    noise = tmp_path / "noise.lens"
    noise.write_bytes(np.random.default_rng(0).bytes(4000))
    photo = sets / "blurry" / "blurry_00.png"
    for words in (
        ("info", noise),
        ("export", noise, "--to", tmp_path / "a.npz"),
        ("deblur", photo, "--profile", noise, "--method", "wiener", "--out", tmp_path / "out"),
    ):
        done = ddm_studio(*words)
        assert done.returncode == 2
        assert is_one_sentence(done.stderr)
        assert "noise.lens" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["noise.lens"]


def test_wrong_options_and_folders_end_with_a_sentence_and_nothing_written(sets: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for words in (
        [*calibration(sets, project), "--presets", "instant"],
        [*calibration(sets, project), "--kernel", "8"],
        calibration(sets, sets / "blurry" / "project"),
        calibration(tmp_path / "missing", project),
    ):
        done = ddm_studio(*words)
        assert done.returncode == 2, words
        assert is_one_sentence(done.stderr), done.stderr
        assert done.stdout == ""
        assert not project.exists()


def test_a_failed_run_says_so_in_json_too(sets: Path, tmp_path: Path) -> None:
    done = ddm_studio(*calibration(tmp_path / "missing", tmp_path / "project"), "--json")
    assert done.returncode == 2
    (ending,) = objects(done.stdout)
    assert (ending["event"], ending["input_is_wrong"]) == ("run_failed", True)
    assert ending["message"] == done.stderr.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_a_calibration_stopped_by_ctrl_c_exits_with_3_and_goes_on_with_resume(sets: Path, lens: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    line, variables = command(*calibration(sets, project), "--json")
    running = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables)
    heard: list[dict[str, Any]] = []
    while not heard or (heard[-1]["event"], heard[-1].get("stage")) != ("stage_started", "reading sharp photos"):
        heard.append(json.loads(running.stdout.readline()))
    running.send_signal(signal.SIGINT)
    rest, complaint = running.communicate(timeout=60)
    assert running.returncode == 3
    assert objects(rest)[-1] == {"event": "run_stopped"}
    assert "--resume" in complaint
    assert not (project / "profile.lens").exists()
    resumed = ddm_studio(*calibration(sets, project), "--json", "--resume")
    assert resumed.returncode == 0
    assert objects(resumed.stdout)[-1]["event"] == "run_finished"
    np.testing.assert_array_equal(load_profile(project / "profile.lens").psf, load_profile(lens).psf)
