"""The command line takes exactly the documented words, and every mistake is one sentence and exit code 2."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ddm_studio.cli import main
from ddm_studio.command_jobs import Jobs
from ddm_studio.control import Cancelled
from ddm_studio.engine.requests import CalibrationResult, CheckResult, DeblurResult, DemoResult, TrainRestorerResult
from ddm_studio.errors import InputError
from ddm_studio.events import HealthFound, PhotoSkipped, Severity, StageStarted
from ddm_studio.settings import BlendSettings, Device, JpegColour, Method, PhotoFormat, Preset, RestorerSettings

ROOT = Path(__file__).parents[1]


class RecordingJobs:
    """Jobs that remember what they were asked for and succeed at once."""

    def __init__(self):
        self.requests, self.windows = [], []

    def as_jobs(self):
        return Jobs(self.calibrate, self.deblur, self.demo, self.open_window, self.check, self.blend, self.train_restorer)

    def calibrate(self, request, report, control):
        self.requests.append(request)
        report(PhotoSkipped(Path("notes.txt"), "it is no photo"))
        report(StageStarted("gaussian", 3))
        return CalibrationResult(request.project / "profile.lens", "gaussian", 1.0)

    def check(self, request, report, control):
        self.requests.append(request)
        report(HealthFound("sky", Severity.WARNING, "drop", "a.jpg is sky", "It is smooth", "Drop it", "blurry", Path("b/a.jpg")))
        return CheckResult(warnings=1, notes=0)

    def deblur(self, request, report, control):
        self.requests.append(request)
        return DeblurResult(tuple(request.out / photo.name for photo in request.photos), ())

    def blend(self, request, report, control):
        self.requests.append(request)
        return DeblurResult(tuple(request.out / result.name for result in request.results), ())

    def train_restorer(self, request, report, control):
        self.requests.append(request)
        return TrainRestorerResult(request.project / "restorer.safetensors", 900, 300.0, 25.0, 28.0, 31.5)

    def demo(self, request, report, control):
        self.requests.append(request)
        return DemoResult(0.97, 0.91, 26.0, 29.5, 31.0, 30.25, 200, request.out / "profile.lens")

    def open_window(self, demo_out):
        self.windows.append(demo_out)
        return 0


class FailingJobs(RecordingJobs):
    """A calibration that fails or is stopped."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def calibrate(self, request, report, control):
        raise self.error


@pytest.fixture
def jobs():
    return RecordingJobs()


@pytest.fixture
def grid(tmp_path):
    taps = np.random.default_rng(0).random((2, 3, 3, 5, 5))
    np.savez(tmp_path / "grid.npz", psf=taps)
    return tmp_path / "grid.npz"


@pytest.fixture
def lens(grid):
    assert main(["import", str(grid), "--noise", "0.01", "--frame", "962x642", "--to", str(grid.with_name("a.lens"))]) == 0
    return grid.with_name("a.lens")


CALIBRATE = ["calibrate", "--blurry", "b", "--sharp", "s", "--out", "p"]
DEBLUR = ["deblur", "a.jpg", "b.jpg", "--profile", "x.lens", "--method", "dpir", "--out", "o"]


def in_a_process(*words, **environment):
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-m", "ddm_studio", *words], capture_output=True, text=True, env=variables, timeout=60)


def test_calibrate_has_the_documented_defaults(jobs):
    assert main(CALIBRATE, jobs.as_jobs()) == 0
    (request,) = jobs.requests
    settings = request.settings
    assert (request.blurry, request.sharp, request.project, request.resume) == (Path("b"), Path("s"), Path("p"), False)
    assert (settings.preset, settings.grid_rows, settings.grid_columns, settings.kernel_size) == (Preset.INSTANT, 8, 8, 13)
    assert (settings.colour, settings.noise, settings.sharp_crop, settings.device, settings.seed) == ("rgb", None, None, Device.AUTO, 0)


def test_calibrate_takes_every_option(jobs):
    options = "--preset quick --grid 5x7 --kernel 21 --colour mono --noise 0.02 --sharp-crop 768x512 --device cpu --seed 9 --resume --json"
    assert main([*CALIBRATE, *options.split()], jobs.as_jobs()) == 0
    (request,) = jobs.requests
    settings = request.settings
    assert request.resume
    assert (settings.preset, settings.grid_rows, settings.grid_columns, settings.kernel_size) == (Preset.QUICK, 5, 7, 21)
    assert (settings.colour, settings.noise, settings.sharp_crop) == ("mono", 0.02, (768, 512))
    assert (settings.device, settings.seed) == (Device.CPU, 9)


def test_stage_3_may_be_ended_once_it_has_settled(jobs, capsys):
    assert main([*CALIBRATE, "--preset", "quick", "--until-settled"], jobs.as_jobs()) == 0
    assert main([*CALIBRATE, "--preset", "quick"], jobs.as_jobs()) == 0
    assert [request.settings.matching.until_settled for request in jobs.requests] == [True, False]
    assert main([*CALIBRATE, "--until-settled"], jobs.as_jobs()) == 2
    assert "--until-settled is about the diffusion model" in capsys.readouterr().err


def test_pretraining_is_asked_for_in_steps_and_refused_where_nothing_is_trained(jobs, capsys):
    assert main([*CALIBRATE, "--preset", "quick", "--pretrain", "70"], jobs.as_jobs()) == 0
    assert main([*CALIBRATE, "--preset", "quick"], jobs.as_jobs()) == 0
    assert [request.settings.flow.pretrain_steps for request in jobs.requests] == [70, 0]
    assert main([*CALIBRATE, "--pretrain", "70"], jobs.as_jobs()) == 2
    assert "instant has none" in capsys.readouterr().err
    assert main([*CALIBRATE, "--preset", "quick", "--pretrain", "-1"], jobs.as_jobs()) == 2


def test_one_folder_stands_for_both(jobs):
    assert main(["calibrate", "--photos", "d", "--out", "p"], jobs.as_jobs()) == 0
    assert main(["calibrate", "--photos", "d", "--blurry-aperture", "2.8", "--out", "p"], jobs.as_jobs()) == 0
    assert [(request.blurry, request.sharp) for request in jobs.requests] == [(Path("d"), None)] * 2
    assert [request.settings.blurry_aperture for request in jobs.requests] == [None, 2.8]


def test_a_check_prints_its_findings(jobs, capsys):
    assert main(["check", "--blurry", "b", "--sharp", "s"], jobs.as_jobs()) == 0
    assert capsys.readouterr().out.splitlines() == [
        "warning: a.jpg is sky. It is smooth. Drop it.",
        "A lens can be learned from these photos: 1 warning.",
    ]
    assert main(["check", "--photos", "d", "--blurry-aperture", "4", "--json"], jobs.as_jobs()) == 0
    found, ending = map(json.loads, capsys.readouterr().out.splitlines())
    assert (found["event"], found["severity"], found["verdict"], found["photo"]) == (
        "health_found",
        "warning",
        "drop",
        str(Path("b/a.jpg")),
    )
    assert ending["result"] == {"warnings": 1, "notes": 0}
    two, one = jobs.requests
    assert (two.blurry, two.sharp, one.blurry, one.sharp, one.blurry_aperture) == (Path("b"), Path("s"), Path("d"), None, 4)


def test_deblur_takes_every_option(jobs):
    assert main(DEBLUR, jobs.as_jobs()) == 0
    file = "--format jpeg --jpeg-quality 80 --jpeg-colour 4:2:0 --name {date}_{name}"
    options = f"{file} --again --strength 0.5 --denoiser drunet --device cpu --seed 4 --json"
    assert main([*DEBLUR, *options.split()], jobs.as_jobs()) == 0
    plain, full = jobs.requests
    assert (plain.photos, plain.profile, plain.out) == ((Path("a.jpg"), Path("b.jpg")), Path("x.lens"), Path("o"))
    assert (plain.settings.method, plain.settings.photo_format, plain.settings.seed) == (Method.DPIR, PhotoFormat.TIFF16, 0)
    assert (plain.settings.jpeg_quality, plain.settings.jpeg_colour, plain.settings.name, plain.again) == (
        95,
        JpegColour.FULL,
        "{name}_{method}",
        False,
    )
    assert (full.settings.jpeg_quality, full.settings.jpeg_colour, full.settings.name, full.again) == (
        80,
        JpegColour.HALF,
        "{date}_{name}",
        True,
    )
    assert (full.settings.photo_format, full.settings.device, full.settings.seed) == (PhotoFormat.JPEG, Device.CPU, 4)
    assert (plain.settings.strength, plain.settings.denoiser) == (1.0, "bundled")
    assert (full.settings.strength, full.settings.denoiser) == (0.5, "drunet")


def test_blend_takes_every_option(jobs, capsys):
    assert main(["blend", "a.tif", "--out", "o"], jobs.as_jobs()) == 0
    options = "--strength 0.7 --red 0.5 --green 0.25 --blue 0 --colour 0.5 --source d --format jpeg --jpeg-quality 80 --jpeg-colour 4:2:0"
    assert main(["blend", "a.tif", "b.tif", "--out", "o", *options.split(), "--json"], jobs.as_jobs()) == 0
    plain, full = jobs.requests
    assert (plain.settings, plain.source, plain.photo_format) == (BlendSettings(), None, None)
    assert full.results == (Path("a.tif"), Path("b.tif"))
    assert full.settings == BlendSettings(strength=0.7, red=0.5, green=0.25, blue=0, colour=0.5)
    assert (full.source, full.photo_format, full.jpeg_quality, full.jpeg_colour) == (Path("d"), PhotoFormat.JPEG, 80, JpegColour.HALF)


def test_profiles_to_choose_from_are_those_of_the_folder_and_one_or_the_other_is_needed(jobs, tmp_path, capsys):
    words = ["deblur", "a.jpg", "--method", "wiener", "--out", "o"]
    for name in ("b/profile.lens", "a/profile.lens", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert main([*words, "--profiles", str(tmp_path)], jobs.as_jobs()) == 0
    request = jobs.requests[-1]
    assert request.profile is None
    assert request.profiles == (tmp_path / "a" / "profile.lens", tmp_path / "b" / "profile.lens")
    assert main(words, jobs.as_jobs()) == 2
    assert "--profiles" in capsys.readouterr().err
    assert main([*words, "--profiles", str(tmp_path / "a" / "missing")], jobs.as_jobs()) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_the_network_of_deblur_is_beside_the_profile_unless_it_is_named(jobs):
    assert main([*DEBLUR, "--method", "network"], jobs.as_jobs()) == 0
    assert main([*DEBLUR, "--method", "network", "--restorer", "r.safetensors"], jobs.as_jobs()) == 0
    assert [request.settings.method for request in jobs.requests] == [Method.NETWORK] * 2
    assert [request.restorer for request in jobs.requests] == [None, Path("r.safetensors")]


def test_train_restorer_takes_every_option_and_says_what_the_network_is_worth(jobs, capsys):
    assert main(["train-restorer", "p"], jobs.as_jobs()) == 0
    options = "--minutes 5 --steps 40 --device cpu --seed 3 --resume --json"
    assert main(["train-restorer", "p", *options.split()], jobs.as_jobs()) == 0
    plain, full = jobs.requests
    assert (plain.project, plain.resume, plain.settings) == (Path("p"), False, RestorerSettings())
    assert (full.resume, full.settings.minutes, full.settings.steps) == (True, 5, 40)
    assert (full.settings.device, full.settings.seed) == (Device.CPU, 3)
    words = capsys.readouterr().out.splitlines()[0]
    assert "31.50 dB" in words
    assert "Wiener has 28.00 dB" in words


def test_no_command_opens_the_window(jobs):
    assert main([], jobs.as_jobs()) == 0
    assert jobs.windows == [None]


def test_a_headless_demo_prints_its_scores(jobs, capsys, tmp_path):
    assert main(["demo", "--out", str(tmp_path), "--headless"], jobs.as_jobs()) == 0
    assert [request.out for request in jobs.requests] == [tmp_path]
    assert jobs.windows == []
    assert "+3.50 dB" in capsys.readouterr().out


def test_the_demo_runs_in_the_window_otherwise(jobs):
    assert main(["demo"], jobs.as_jobs()) == 0
    assert jobs.windows == [Path("demo").absolute()]
    assert jobs.requests == []


def test_json_is_one_object_a_line_and_the_last_one_is_the_ending(jobs, capsys):
    assert main([*CALIBRATE, "--json"], jobs.as_jobs()) == 0
    captured = capsys.readouterr()
    events = [json.loads(line) for line in captured.out.splitlines()]
    assert [event["event"] for event in events] == ["photo_skipped", "stage_started", "run_finished"]
    assert events[-1]["result"]["profile"] == str(Path("p/profile.lens"))
    assert captured.err == ""


@pytest.mark.parametrize(
    ("error", "code", "ending"),
    [(InputError("No photos"), 2, "run_failed"), (Cancelled(), 3, "run_stopped"), (RuntimeError("oops"), 1, "run_failed")],
)
def test_endings_have_their_exit_codes(capsys, error, code, ending):
    assert main([*CALIBRATE, "--json"], FailingJobs(error).as_jobs()) == code
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["event"] == ending


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["fly"], "No such command"),
        (["--fly"], "No such option"),
        (["calibrate"], "Missing option"),
        (CALIBRATE[:-2], "--out"),
        (["calibrate", "--out", "p"], "--photos"),
        (["calibrate", "--blurry", "b", "--out", "p"], "--sharp"),
        ([*CALIBRATE, "--photos", "d"], "--photos"),
        ([*CALIBRATE, "--blurry-aperture", "2"], "--photos"),
        (["check"], "--photos"),
        (["check", "--photos", "d", "--blurry-aperture", "wide"], "--blurry-aperture"),
        ([*CALIBRATE, "--preset", "slow"], "--preset"),
        ([*CALIBRATE, "--grid", "8"], "--grid"),
        ([*CALIBRATE, "--grid", "0x8"], "--grid"),
        ([*CALIBRATE, "--grid", "40x8"], "--grid"),
        ([*CALIBRATE, "--kernel", "12"], "odd"),
        ([*CALIBRATE, "--kernel", "99"], "--kernel"),
        ([*CALIBRATE, "--kernel", "big"], "--kernel"),
        ([*CALIBRATE, "--noise", "loud"], "--noise"),
        ([*CALIBRATE, "--noise", "nan"], "--noise"),
        ([*CALIBRATE, "--noise", "2"], "--noise"),
        ([*CALIBRATE, "--sharp-crop", "768"], "--sharp-crop"),
        ([*CALIBRATE, "--seed", "-1"], "--seed"),
        ([*CALIBRATE, "--seed"], "--seed"),
        ([*CALIBRATE, "--device", "tpu"], "--device"),
        (["deblur", "--profile", "x.lens", "--method", "wiener", "--out", "o"], "PHOTO"),
        ([*DEBLUR, "--method", "magic"], "--method"),
        ([*DEBLUR, "--format", "gif"], "--format"),
        ([*DEBLUR, "--jpeg-quality", "0"], "--jpeg-quality"),
        ([*DEBLUR, "--jpeg-colour", "4:1:1"], "--jpeg-colour"),
        ([*DEBLUR, "--strength", "20"], "--strength"),
        ([*DEBLUR, "--denoiser", "magic"], "--denoiser"),
        ([*DEBLUR, "--name", "{nome}"], "--name"),
        ([*DEBLUR, "--name", "fixed"], "--name"),
        (["blend", "a.tif"], "--out"),
        (["blend", "a.tif", "--out", "o", "--strength", "2"], "--strength"),
        (["blend", "a.tif", "--out", "o", "--jpeg-quality", "0"], "--jpeg-quality"),
        (["train-restorer", "p", "--minutes", "0"], "--minutes"),
        (["train-restorer"], "PROJECT"),
        (["export", "none.lens", "--to", "a.npz"], "no such file"),
        (["import", "none.npz", "--noise", "0", "--frame", "8x6", "--to", "a.lens"], "no such file"),
        (["info", "none.lens"], "no such file"),
        (["info", "a.lens", "b.lens"], "unexpected extra argument"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_wrong_words_are_one_sentence_and_exit_code_2(jobs, capsys, words, reason, as_json, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with_json = as_json and words[0] in ("calibrate", "check", "deblur", "blend", "info")
    assert main([*words, "--json"] if with_json else words, jobs.as_jobs()) == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert reason in captured.err
    assert captured.err.endswith(".\n")
    assert jobs.requests == []
    assert not list(tmp_path.iterdir())
    if with_json:
        ending = json.loads(captured.out.splitlines()[-1])
        assert (ending["event"], ending["input_is_wrong"]) == ("run_failed", True)
    else:
        assert captured.out == ""


def test_import_export_and_info_end_to_end(lens, tmp_path, capsys):
    for name in ("b.npz", "b.tiff", "b.png", "b.json"):
        assert main(["export", str(lens), "--to", str(tmp_path / name)]) == 0
        assert (tmp_path / name).stat().st_size > 100
    assert np.load(tmp_path / "b.npz")["psf"].shape == (2, 3, 3, 5, 5)
    capsys.readouterr()
    assert main(["info", str(lens)]) == 0
    text = capsys.readouterr().out
    assert "2 x 3 nodes" in text
    assert "962 x 642" in text
    assert main(["info", str(lens), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    summary = json.loads(line)
    assert summary["event"] == "run_finished"
    assert (summary["result"]["rows"], summary["result"]["columns"], summary["result"]["kernel_size"]) == (2, 3, 5)
    assert summary["result"]["facts"]["method"] == "imported"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--noise", "0.01", "--frame", "962", "--to", "b.lens"], "--frame"),
        (["--noise", "-1", "--frame", "962x642", "--to", "b.lens"], "noise"),
        (["--noise", "0.01", "--frame", "962x642", "--to", "b.npz"], ".lens"),
    ],
)
def test_a_wrong_import_writes_nothing(grid, capsys, monkeypatch, tmp_path, words, reason):
    monkeypatch.chdir(tmp_path)
    assert main(["import", str(grid), *words]) == 2
    assert reason in capsys.readouterr().err
    assert [item.name for item in tmp_path.iterdir()] == ["grid.npz"]


def test_random_bytes_are_no_profile(tmp_path, capsys):
    (tmp_path / "a.lens").write_bytes(np.random.default_rng(0).bytes(9000))
    for words in (["info", str(tmp_path / "a.lens")], ["export", str(tmp_path / "a.lens"), "--to", str(tmp_path / "b.npz")]):
        assert main(words) == 2
        captured = capsys.readouterr()
        assert "no lens profile" in captured.err
        assert "Traceback" not in captured.err
    assert not (tmp_path / "b.npz").exists()


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ddm-studio 0.")
    for command in ("demo", "calibrate", "check", "deblur", "blend", "export", "import", "info"):
        assert main([command, "--help"]) == 0
        assert command in capsys.readouterr().out
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(command in text for command in ("demo", "calibrate", "check", "deblur", "blend", "export", "import", "info"))


def test_the_command_line_waits_for_neither_torch_nor_qt(tmp_path):
    code = (
        "import sys, ddm_studio.cli; assert not {'torch', 'deepinv', 'PySide6', 'scipy', 'matplotlib'} & set(sys.modules), "
        "sorted(sys.modules); sys.exit(ddm_studio.cli.main(['info', 'none.lens']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path
    )
    assert done.returncode == 2, done.stderr


def test_the_module_runs_as_a_program():
    done = in_a_process("calibrate", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["event"] == "run_failed"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [[], ["demo"]])
def test_without_a_screen_the_window_is_refused_in_a_sentence(words):
    if sys.platform != "linux":
        pytest.skip("other systems always have a screen")
    done = in_a_process(*words, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 2
    assert "no screen" in done.stderr


def test_a_reader_who_leaves_early_is_no_fault(lens):
    process = subprocess.Popen(
        [sys.executable, "-m", "ddm_studio", "info", str(lens)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(30)


def test_output_that_cannot_hold_a_letter_is_no_fault(jobs, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    words = ["calibrate", "--blurry", "b", "--sharp", "s", "--out", "Objektiv Ω"]
    assert main(words, jobs.as_jobs()) == 0
