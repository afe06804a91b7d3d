"""A command that is stopped says what it has kept, which is what lies on the disk, and how to go on."""

import pytest
import torch

from ddm_studio import stopped_words
from ddm_studio.cli import main
from ddm_studio.command_jobs import Jobs
from ddm_studio.control import Cancelled
from ddm_studio.deblur.train_restorer import STAGE as TRAINING
from ddm_studio.engine.checkpoints import save_snapshot
from ddm_studio.engine.snapshot_reading import snapshot_path
from ddm_studio.project import Project, begin_project
from ddm_studio.snapshot import Snapshot

CALIBRATE = ["calibrate", "--blurry", "b", "--sharp", "s", "--out", "p"]


class StoppedCalibration:
    """Stopped by the person when so much lies in the project."""

    def __init__(self, *kept):
        self.kept = kept

    def as_jobs(self):
        return Jobs(calibrate=self.calibrate)

    def calibrate(self, request, report, control):
        if self.kept:
            for folder in (request.blurry, request.sharp):
                folder.mkdir()
            checkpoints = begin_project(request.project, request.blurry, request.sharp, request.settings).checkpoints
            for name in self.kept:
                if name.endswith(".json"):
                    (checkpoints / name).touch()
                elif name:
                    save_snapshot(checkpoints / name, Snapshot(1, {"psf": torch.zeros(1)}))
        raise Cancelled


TILES = ("blurry_tiles.json", "sharp_tiles.json")


@pytest.mark.parametrize(
    ("kept", "words", "goes_on"),
    [
        ((), "Stopped; nothing is kept.", False),
        (("",), "Stopped; nothing is learned or kept yet.", False),
        (TILES[:1], "Stopped; nothing is learned yet, the blurry photos are read. Left to do: “reading sharp photos”", True),
        (TILES, "Stopped before the first kernels were done; the photos are read. Left to do: “matching spectra”", True),
        ((*TILES, "first_kernels.safetensors"), "Stopped; the first kernels are kept. Left to do: “fitting the wavefront”", True),
        (
            (*TILES, "first_kernels.safetensors", "found_wavefront.safetensors"),
            "Stopped; the kernels are found and kept. Left to do: “estimating the confidence”",
            True,
        ),
        ((*TILES, "matching_spectra.safetensors"), "Stopped; only the profile is to be written. Left to do: the profile.", True),
    ],
)
def test_a_stopped_calibration_says_what_is_kept_and_how_to_go_on(capsys, tmp_path, monkeypatch, kept, words, goes_on):
    monkeypatch.chdir(tmp_path)
    assert main(CALIBRATE, StoppedCalibration(*kept).as_jobs()) == 3
    told = capsys.readouterr().err
    assert told.startswith(words)
    assert ("--resume" in told) == goes_on


class StoppedJobs:
    """Whatever they are, the person stops them."""

    def as_jobs(self):
        return Jobs(demo=self.stop, check=self.stop, deblur=self.stop, blend=self.stop, train_restorer=self.stop)

    def stop(self, request, report, control):
        raise Cancelled


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["check", "--photos", "d"], "Stopped; nothing is kept."),
        (["demo", "--headless"], "Stopped; the demo begins anew next time."),
        (["deblur", "a.jpg", "--profile", "x.lens", "--method", "dpir", "--out", "o"], "Stopped; the photos that are finished are kept."),
        (["blend", "a.tif", "--out", "o"], "Stopped; the mixtures that are finished are kept."),
    ],
)
def test_a_stopped_command_claims_to_have_kept_no_more_than_it_has(capsys, words, told):
    assert main(words, StoppedJobs().as_jobs()) == 3
    assert capsys.readouterr().err.startswith(told)


def test_a_stopped_training_says_what_is_kept(capsys, tmp_path):
    words = ["train-restorer", str(tmp_path)]
    assert main(words, StoppedJobs().as_jobs()) == 3
    assert capsys.readouterr().err == "Stopped; nothing is kept.\n"
    save_snapshot(snapshot_path(Project(tmp_path).checkpoints, TRAINING), Snapshot(1, {"seconds": torch.zeros(1)}))
    assert main(words, StoppedJobs().as_jobs()) == 3
    assert "learned so far is kept" in capsys.readouterr().err


def test_the_name_of_the_training_is_that_of_its_stage():
    assert stopped_words.TRAINING == TRAINING
