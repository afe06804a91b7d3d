"""The health check inside a calibration and by itself, and calibrations from one folder that holds both sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin
from tiny_sets import (
    BLURRY,
    HEIGHT,
    SHARP,
    WIDTH,
    Codes,
    Listener,
    blurry_codes,
    blurry_folder,
    hashes_below,
    known_lens,
    sharp_codes,
    sharp_folder,
    tiny_settings,
)

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.check_photos import check_photos
from ddm_studio.engine.requests import CalibrationRequest, CheckRequest, CheckResult
from ddm_studio.errors import InputError
from ddm_studio.events import HealthFound, Note, PhotosCounted, PhotoSkipped, SetMeasured, Severity, StageStarted
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.project import Project


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sets")
    blurry_folder(root / "blurry")
    sharp_folder(root / "sharp")
    return root


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of the known lens at f/2, and photos without blur at f/8."""
    folder = tmp_path_factory.mktemp("one")
    for number in range(BLURRY):
        save_shot(folder / f"wide_{number:02}.jpg", blurry_codes(number), 2.0)
    for number in range(SHARP):
        save_shot(folder / f"stopped_{number:02}.jpg", sharp_codes(number), 8.0)
    return folder


def save_shot(path: Path, codes: Codes, aperture: float) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    exif.get_ifd(0x8769)[0x829D] = TiffImagePlugin.IFDRational(round(aperture * 10), 10)
    Image.fromarray(codes).save(path, quality=97, subsampling=0, exif=exif)


def findings(listener: Listener) -> list[HealthFound]:
    return [event for event in listener.events if isinstance(event, HealthFound)]


def learned(request: CalibrationRequest, listener: Listener | None = None) -> LensProfile:
    return load_profile(calibrate(request, listener or Listener(), RunControl()).profile)


def test_a_calibration_of_healthy_sets_hears_no_findings(sets: Path, tmp_path: Path) -> None:
    listener = Listener()
    learned(CalibrationRequest(sets / "blurry", sets / "sharp", tmp_path / "project", tiny_settings()), listener)
    assert findings(listener) == []


def test_a_calibration_of_hopeless_sets_ends_before_it_begins(sets: Path, tmp_path: Path) -> None:
    listener = Listener()
    with pytest.raises(InputError, match="same photos") as caught:
        calibrate(CalibrationRequest(sets / "blurry", sets / "blurry", tmp_path / "project", tiny_settings()), listener, RunControl())
    assert findings(listener)[0].what == caught.value.what
    assert [event.stage for event in listener.events if isinstance(event, StageStarted)][-1] == "checking the photos"
    assert not (tmp_path / "project").exists()


def test_a_check_says_what_it_found_and_leaves_nothing_behind(sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = hashes_below(sets)
    listener = Listener()
    result = check_photos(CheckRequest(sets / "blurry", sets / "sharp"), listener, RunControl())
    assert result == CheckResult(warnings=len(findings(listener)), notes=0)
    assert hashes_below(sets) == before
    assert not list(tmp_path.iterdir())


def test_a_check_of_hopeless_sets_is_refused(sets: Path) -> None:
    listener = Listener()
    with pytest.raises(InputError, match="same photos"):
        check_photos(CheckRequest(sets / "blurry", sets / "blurry"), listener, RunControl())
    assert findings(listener)[0].severity is Severity.REFUSAL


def test_a_check_can_be_stopped(sets: Path) -> None:
    control = RunControl()
    listener = Listener(lambda event: control.stop() if getattr(event, "stage", "") == "checking the photos" else None)
    with pytest.raises(Cancelled):
        check_photos(CheckRequest(sets / "blurry", sets / "sharp"), listener, control)


def test_one_folder_is_sorted_by_aperture_and_the_lens_is_learned(one_folder: Path, tmp_path: Path) -> None:
    listener = Listener()
    profile = learned(CalibrationRequest(one_folder, None, tmp_path / "project", tiny_settings()), listener)
    notes = [event.message for event in listener.events if isinstance(event, Note)]
    assert notes[0].startswith("One lens: the 12 photos at f/2 are the blurry set")
    counts = [event for event in listener.events if isinstance(event, PhotosCounted)]
    assert counts == [PhotosCounted("blurry", BLURRY, 0), PhotosCounted("sharp", SHARP, 0)]
    assert profile.facts.aperture == 2
    assert profile.facts.method.startswith("One lens: the 12 photos at f/2")
    assert grid_ncc(profile.psf, known_lens()).mean() > 0.85
    assert Project(tmp_path / "project").read().sharp is None


def test_a_folder_without_apertures_gives_the_blur_relative_to_its_centre(sets: Path, tmp_path: Path) -> None:
    listener = Listener()
    profile = learned(CalibrationRequest(sets / "blurry", None, tmp_path / "project", tiny_settings()), listener)
    notes = [event.message for event in listener.events if isinstance(event, Note)]
    assert "no photo says its aperture" in notes[0]
    assert profile.facts.blurry_hashes == profile.facts.sharp_hashes
    assert profile.frame == (WIDTH, HEIGHT)
    assert not [finding for finding in findings(listener) if finding.severity is Severity.REFUSAL]


def test_a_calibration_of_one_folder_is_resumed_as_such(one_folder: Path, sets: Path, tmp_path: Path) -> None:
    request = CalibrationRequest(one_folder, None, tmp_path / "project", tiny_settings())
    first = learned(request)
    again = learned(CalibrationRequest(one_folder, None, tmp_path / "project", tiny_settings(), resume=True))
    assert again.facts == first.facts
    with pytest.raises(InputError, match="sharp was not set and is"):
        calibrate(CalibrationRequest(one_folder, sets / "sharp", request.project, tiny_settings(), resume=True), Listener(), RunControl())
    other = tiny_settings().model_copy(update={"blurry_aperture": 8.0})
    with pytest.raises(InputError, match="blurry_aperture was not set and is 8"):
        calibrate(CalibrationRequest(one_folder, None, request.project, other, resume=True), Listener(), RunControl())


def test_a_photo_left_out_is_not_used_and_named(sets: Path) -> None:
    listener = Listener()
    unwanted = tuple(sorted((sets / name).iterdir())[0] for name in ("blurry", "sharp"))
    check_photos(CheckRequest(sets / "blurry", sets / "sharp", left_out=unwanted), listener, RunControl())
    counted = {event.set_name: event.used for event in listener.events if isinstance(event, PhotosCounted)}
    assert counted == {"blurry": BLURRY - 1, "sharp": SHARP - 1}
    assert {(event.path, event.reason) for event in listener.events if isinstance(event, PhotoSkipped)} == {
        (path, "you left it out") for path in unwanted
    }


def test_a_calibration_remembers_what_was_left_out_and_goes_on_without_it(sets: Path, tmp_path: Path) -> None:
    unwanted = (sorted((sets / "blurry").iterdir())[0],)
    request = CalibrationRequest(sets / "blurry", sets / "sharp", tmp_path / "lens", tiny_settings(), left_out=unwanted)
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        calibrate(request, Listener(), control)
    assert Project(tmp_path / "lens").read().left_out == unwanted
    listener = Listener()
    result = calibrate(replace(request, left_out=(), resume=True), listener, RunControl())
    assert load_profile(result.profile).facts.blurry_photos == BLURRY - 1
    with pytest.raises(InputError, match="left_out"):
        calibrate(replace(request, left_out=(sorted((sets / "blurry").iterdir())[1],), resume=True), Listener(), RunControl())


def test_the_check_says_what_each_set_offers(tmp_path: Path) -> None:
    for name, count, codes, aperture in (("blurry", BLURRY, blurry_codes, 2.0), ("sharp", SHARP, sharp_codes, 8.0)):
        (tmp_path / name).mkdir()
        for number in range(count):
            save_shot(tmp_path / name / f"{number:02}.jpg", codes(number), aperture)
    listener = Listener()
    check_photos(CheckRequest(tmp_path / "blurry", tmp_path / "sharp"), listener, RunControl())
    blurry, sharp = (event for event in listener.events if isinstance(event, SetMeasured))
    assert (blurry.set_name, blurry.photos, blurry.apertures) == ("blurry", BLURRY, ((2.0, BLURRY),))
    assert (sharp.set_name, sharp.apertures) == ("sharp", ((8.0, SHARP),))
    assert blurry.coverage.shape == (8, 8)
    assert blurry.coverage.min() > 0
    assert 0.5 < blurry.texture <= 1
