"""The calibration job on real files: what it writes, what it leaves out, how it is stopped, and what it never does."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, TiffImagePlugin
from tiny_sets import (
    BLURRY,
    HEIGHT,
    KERNEL,
    SHARP,
    WIDTH,
    Listener,
    blurry_codes,
    blurry_folder,
    hashes_below,
    known_lens,
    save_codes,
    sharp_folder,
    tiny_settings,
)

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.calibrate import calibrate
from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.errors import InputError
from ddm_studio.events import (
    CheckpointSaved,
    ConfidenceEstimated,
    KernelsLearned,
    LossCurve,
    Paused,
    PhotosCounted,
    PhotoSkipped,
    Progress,
    Resumed,
    StageFinished,
    StageStarted,
)
from ddm_studio.optics.psf_metrics import grid_ncc
from ddm_studio.profiles.lens_profile import LensProfile, load_profile

STAGES = [
    "reading blurry photos",
    "reading sharp photos",
    "checking the photos",
    "measuring spectra",
    "matching spectra",
    "estimating the confidence",
]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`blurry` and `sharp`; whatever the tests of this file do, nobody may have touched the photos."""
    root = tmp_path_factory.mktemp("sets")
    blurry_folder(root / "blurry")
    sharp_folder(root / "sharp")
    before = hashes_below(root)
    yield root
    assert hashes_below(root) == before


@pytest.fixture(scope="module")
def finished(sets: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[LensProfile, Listener]:
    """The profile of an undisturbed run, and what it said."""
    listener = Listener()
    torch.set_num_threads(1)
    result = calibrate(asked(sets, tmp_path_factory.mktemp("run") / "project"), listener, RunControl())
    return load_profile(result.profile), listener


def asked(sets: Path, project: Path, **changes: object) -> CalibrationRequest:
    request = {"blurry": sets / "blurry", "sharp": sets / "sharp", "settings": tiny_settings(), **changes}
    return CalibrationRequest(project=project, **request)


def learned(sets: Path, project: Path, **changes: object) -> LensProfile:
    return load_profile(calibrate(asked(sets, project, **changes), Listener(), RunControl()).profile)


def test_the_pixel_pitch_is_that_of_the_photos(sets: Path, tmp_path: Path) -> None:
    for photo in sorted((sets / "blurry").iterdir()):
        exif = Image.Exif()
        shot = exif.get_ifd(0x8769)
        shot[0xA20E], shot[0xA210] = TiffImagePlugin.IFDRational(100_000, 42), 3  # pixels per cm
        with Image.open(photo) as picture:
            (tmp_path / "blurry").mkdir(exist_ok=True)
            picture.save(tmp_path / "blurry" / f"{photo.stem}.jpg", quality=97, subsampling=0, exif=exif)
    facts = learned(sets, tmp_path / "project", blurry=tmp_path / "blurry").facts
    assert facts.pixel_pitch == pytest.approx(4.2, rel=1e-3)
    assert facts.pixel_pitch_source == "focal plane"


def test_the_profile_says_what_it_was_learned_from(sets: Path, finished: tuple[LensProfile, Listener]) -> None:
    profile, _ = finished
    facts = profile.facts
    assert profile.psf.shape == (2, 3, 3, KERNEL, KERNEL)
    assert profile.frame == (WIDTH, HEIGHT)
    assert (profile.colour.recipe, profile.colour.space) == ("display-curves-1", "sRGB")
    assert (facts.blurry_photos, facts.sharp_photos, facts.stage) == (BLURRY, SHARP, "matching spectra")
    photos = hashes_below(sets)
    assert list(facts.blurry_hashes) == [photos[name] for name in sorted(photos) if name.startswith("blurry/")]
    assert list(facts.sharp_hashes) == [photos[name] for name in sorted(photos) if name.startswith("sharp/")]
    assert facts.settings["kernel_size"] == KERNEL
    assert np.isfinite(facts.scores["whittle"])
    assert (profile.confidence_low <= profile.confidence).all()
    assert (profile.confidence <= profile.confidence_high).all()


def test_the_learned_lens_is_the_true_one_and_turned_like_it(finished: tuple[LensProfile, Listener]) -> None:
    psf, truth = finished[0].psf, known_lens()
    point = np.zeros_like(truth)
    point[..., KERNEL // 2, KERNEL // 2] = 1
    right = grid_ncc(psf, truth).mean()
    assert right > 0.93
    assert right > grid_ncc(point, truth).mean() + 0.2
    transposed, mirrored = truth.swapaxes(-1, -2), truth[..., ::-1]
    for wrong in (transposed, mirrored, mirrored[:, ::-1], truth[:, ::-1], truth[::-1], np.rot90(truth, axes=(-1, -2))):
        assert grid_ncc(psf, wrong).mean() < right - 0.03
    np.testing.assert_allclose(psf.sum((-1, -2)), 1, atol=1e-4)
    assert np.all((finished[0].noise_sigma > 0.003) & (finished[0].noise_sigma < 0.03))


@pytest.mark.slow
def test_a_wavefront_is_tried_and_the_profile_says_what_came_of_it(sets: Path, tmp_path: Path) -> None:
    listener = Listener()
    result = calibrate(asked(sets, tmp_path / "project", settings=tiny_settings(wavefront=True)), listener, RunControl())
    assert "fitting the wavefront" in [event.stage for event in listener.events if isinstance(event, StageFinished)]
    profile = load_profile(result.profile)
    assert profile.facts.scores["wavefront"] in (0, 1)
    assert grid_ncc(profile.psf, known_lens()).mean() > 0.9


def test_every_stage_begins_and_ends_in_order(finished: tuple[LensProfile, Listener]) -> None:
    events = finished[1].events
    marks = [(type(event), event.stage) for event in events if isinstance(event, StageStarted | StageFinished)]
    assert marks == [(kind, stage) for stage in STAGES for kind in (StageStarted, StageFinished)]
    running = ""
    for event in events:
        running = event.stage if isinstance(event, StageStarted) else running
        if isinstance(event, Progress):
            assert event.stage == running
            assert 0 <= event.step <= event.total_steps
    assert [event for event in events if isinstance(event, PhotosCounted)] == [
        PhotosCounted("blurry", BLURRY, 0),
        PhotosCounted("sharp", SHARP, 0),
    ]


def test_pictures_of_the_grid_are_read_only_and_the_last_is_the_result(finished: tuple[LensProfile, Listener]) -> None:
    profile, listener = finished
    pictures = [event.kernels for event in listener.events if isinstance(event, KernelsLearned)]
    assert pictures
    assert not any(kernels.flags.writeable for kernels in pictures)
    curves = [event for event in listener.events if isinstance(event, LossCurve)]
    assert curves
    assert not any(array.flags.writeable for curve in curves for array in (curve.steps, curve.losses))
    assert all(kernels.dtype == np.float32 for kernels in pictures)
    np.testing.assert_allclose(pictures[-1], profile.psf, atol=1e-6)


def test_the_confidence_of_the_profile_is_told_before(finished: tuple[LensProfile, Listener]) -> None:
    profile, listener = finished
    (told,) = [event.expected for event in listener.events if isinstance(event, ConfidenceEstimated)]
    assert not told.flags.writeable
    np.testing.assert_array_equal(told, profile.confidence)


@pytest.mark.slow
def test_the_seed_decides_the_grid(sets: Path, finished: tuple[LensProfile, Listener], tmp_path: Path) -> None:
    same = learned(sets, tmp_path / "same")
    other = learned(sets, tmp_path / "other", settings=tiny_settings(seed=1))
    np.testing.assert_array_equal(same.psf, finished[0].psf)
    np.testing.assert_array_equal(same.noise_sigma, finished[0].noise_sigma)
    assert not np.array_equal(other.psf, same.psf)
    assert grid_ncc(other.psf, same.psf).mean() > 0.9


@pytest.mark.slow
def test_what_is_no_photo_of_the_lens_is_named_and_changes_nothing(sets: Path, tmp_path: Path) -> None:
    # Every photo gives all the tiles it has room for, so the share of a photo that turns out damaged is not missed.
    settings = tiny_settings()
    settings = settings.model_copy(update={"tiles": settings.tiles.model_copy(update={"blurry_tiles": 8000, "sharp_tiles": 8000})})
    alone = learned(sets, tmp_path / "alone", settings=settings)
    reasons = fill_with_rubbish(shutil.copytree(sets / "blurry", tmp_path / "blurry"))
    (shutil.copytree(sets / "sharp", tmp_path / "sharp") / "notes.jpg").write_text("no photo")
    before = hashes_below(tmp_path)
    listener = Listener()
    beside = load_profile(calibrate(asked(tmp_path, tmp_path / "project", settings=settings), listener, RunControl()).profile)
    skipped = {event.path.name: event.reason for event in listener.events if isinstance(event, PhotoSkipped)}
    assert skipped.keys() == {*reasons, "notes.jpg"}
    for name, words in reasons.items():
        assert words in skipped[name]
    assert all(skipped.values())
    assert len([event for event in listener.events if isinstance(event, PhotoSkipped)]) == len(skipped)
    assert [event for event in listener.events if isinstance(event, PhotosCounted)] == [
        PhotosCounted("blurry", BLURRY, len(reasons)),
        PhotosCounted("sharp", SHARP, 1),
    ]
    np.testing.assert_array_equal(beside.psf, alone.psf)
    assert (beside.facts.blurry_hashes, beside.facts.sharp_hashes) == (alone.facts.blurry_hashes, alone.facts.sharp_hashes)
    after = hashes_below(tmp_path)
    assert {name: after[name] for name in before} == before


def fill_with_rubbish(folder: Path) -> dict[str, str]:
    """Files that cannot be used, with a word of the reason each must be given."""
    (folder / "aaa_text.jpg").write_text("not a photo at all")
    whole = save_codes(folder / "truncated.jpg", blurry_codes(0)).read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "subfolder").mkdir()
    save_codes(folder / "subfolder" / "deep.png", blurry_codes(1))
    save_codes(folder / "larger.png", blurry_codes(2, WIDTH + 32, HEIGHT))
    save_codes(folder / "swapped.png", np.rot90(blurry_codes(3)))
    (folder / ".hidden.png").write_bytes((folder / "larger.png").read_bytes())
    return {
        "aaa_text.jpg": "",
        "truncated.jpg": "",
        "subfolder": "folder",
        "larger.png": f"{WIDTH + 32} × {HEIGHT}",
        "swapped.png": "which side was up",
        ".hidden.png": "hidden",
    }


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".tif", ".jpg"])
def test_portrait_shots_mixed_with_landscape_ones_give_the_same_grid(sets: Path, tmp_path: Path, suffix: str) -> None:
    plain = blurry_folder(tmp_path / "plain", suffix)
    mixed = blurry_folder(tmp_path / "mixed", suffix, tags=(1, 6, 8, 3))
    one = learned(sets, tmp_path / "one", blurry=plain)
    listener = Listener()
    two = load_profile(calibrate(asked(sets, tmp_path / "two", blurry=mixed), listener, RunControl()).profile)
    assert not [event for event in listener.events if isinstance(event, PhotoSkipped)]
    assert (two.frame, two.facts.blurry_photos) == (one.frame, BLURRY)
    assert grid_ncc(two.psf, one.psf).min() >= 0.99
    if suffix == ".tif":
        np.testing.assert_array_equal(two.psf, one.psf)


def test_the_tags_of_the_portrait_shots_are_real_ones(tmp_path: Path) -> None:
    for suffix in (".jpg", ".tif"):
        with Image.open(save_codes(tmp_path / f"portrait{suffix}", blurry_codes(0), 6)) as portrait:
            assert portrait.getexif()[274] == 6


def test_nothing_is_written_when_a_folder_cannot_be_used(sets: Path, tmp_path: Path) -> None:
    empty, texts = tmp_path / "empty", tmp_path / "texts"
    empty.mkdir()
    texts.mkdir()
    (texts / "a.jpg").write_text("no photo")
    for wrong in (tmp_path / "missing", empty, texts):
        for side in ("blurry", "sharp"):
            with pytest.raises(InputError) as caught:
                calibrate(asked(sets, tmp_path / "project", **{side: wrong}), Listener(), RunControl())
            assert str(wrong) in str(caught.value)
            assert not (tmp_path / "project").exists()


def test_a_project_is_never_kept_among_the_photos(sets: Path, tmp_path: Path) -> None:
    blurry = shutil.copytree(sets / "blurry", tmp_path / "blurry")
    before = hashes_below(blurry)
    for project in (blurry, blurry / "project", blurry / "a" / "b"):
        with pytest.raises(InputError, match="inside the folder of the blurry photos"):
            calibrate(asked(sets, project, blurry=blurry), Listener(), RunControl())
    assert hashes_below(blurry) == before
    assert not [path for path in blurry.iterdir() if path.is_dir()]


def test_too_few_patches_end_with_a_sentence_and_leave_nothing_behind(sets: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    for number in range(2):
        save_codes(few / f"{number}.png", blurry_codes(number))
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    save_codes(few / "white.png", white)
    settings = tiny_settings().model_copy(update={"tiles": tiny_settings().tiles.model_copy(update={"tile": 96})})
    for side in ("blurry", "sharp"):
        project = tmp_path / side
        with pytest.raises(InputError, match=f"{side} photos give only 20 usable patches of 96 × 96") as caught:
            calibrate(asked(sets, project, settings=settings, **{side: few}), Listener(), RunControl())
        assert "2 photos were used and 1 files skipped" in str(caught.value)
        assert not project.exists()
    # A project that was there before stays a sound one: with more photos it can be begun anew.
    assert learned(sets, tmp_path / "blurry", settings=settings).facts.blurry_photos == BLURRY
    with pytest.raises(InputError, match="usable patches"):
        calibrate(asked(sets, tmp_path / "blurry", settings=settings, sharp=few), Listener(), RunControl())
    assert (tmp_path / "blurry" / "project.toml").exists()


def test_a_set_of_white_photos_ends_with_a_sentence(sets: Path, tmp_path: Path) -> None:
    save_codes(tmp_path / "white" / "a.png", np.full((HEIGHT, WIDTH, 3), 255, np.uint8))
    with pytest.raises(InputError, match="None of the 1 blurry photos can be used"):
        calibrate(asked(sets, tmp_path / "project", blurry=tmp_path / "white"), Listener(), RunControl())
    assert not (tmp_path / "project" / "profile.lens").exists()


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_stopped_in_any_stage_goes_on_to_the_same_grid(
    sets: Path, finished: tuple[LensProfile, Listener], tmp_path: Path, stage: str
) -> None:
    control = RunControl()
    listener = Listener(lambda event: control.stop() if isinstance(event, StageStarted) and event.stage == stage else None)
    project = tmp_path / "project"
    with pytest.raises(Cancelled):
        calibrate(asked(sets, project), listener, control)
    assert listener.events[-1].stage == stage
    assert not (project / "profile.lens").exists()
    assert not [path for path in project.rglob("*") if ".part" in path.name]
    resumed = learned(sets, project, resume=True)
    np.testing.assert_array_equal(resumed.psf, finished[0].psf)
    np.testing.assert_array_equal(resumed.noise_sigma, finished[0].noise_sigma)
    assert resumed.facts == finished[0].facts


def test_a_stop_takes_hold_in_the_middle_of_the_fit(sets: Path, tmp_path: Path) -> None:
    control = RunControl()
    listener = Listener(lambda event: control.stop() if isinstance(event, KernelsLearned) else None)
    with pytest.raises(Cancelled):
        calibrate(asked(sets, tmp_path / "project"), listener, control)
    pictures = [event for event in listener.events if isinstance(event, KernelsLearned)]
    assert len(pictures) == 1
    assert pictures[0].step < tiny_settings().gaussian.steps
    assert not [event for event in listener.events if isinstance(event, CheckpointSaved)]


def test_a_paused_run_waits_says_so_and_ends_alike(sets: Path, finished: tuple[LensProfile, Listener], tmp_path: Path) -> None:
    control = RunControl()

    def interrupt(event: object) -> None:
        if isinstance(event, KernelsLearned) and not any(isinstance(heard, Paused) for heard in listener.events):
            control.pause()
        if isinstance(event, Paused):
            threading.Timer(0.2, control.resume).start()

    listener = Listener(interrupt)
    result = calibrate(asked(sets, tmp_path / "project"), listener, control)
    kinds = [type(event) for event in listener.events]
    assert kinds.count(Paused) == kinds.count(Resumed) == 1
    place = kinds.index(Paused)
    assert kinds[place + 1] is Resumed
    assert listener.times[place + 1] - listener.times[place] >= 0.15
    np.testing.assert_array_equal(load_profile(result.profile).psf, finished[0].psf)


def test_a_run_is_not_resumed_with_other_photos_or_settings(sets: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no DDM Studio project"):
        calibrate(asked(sets, tmp_path / "none", resume=True), Listener(), RunControl())
    blurry = shutil.copytree(sets / "blurry", tmp_path / "blurry")
    project = tmp_path / "project"
    first = learned(sets, project, blurry=blurry)
    with pytest.raises(InputError, match="Seed was 0 and is 1"):
        calibrate(asked(sets, project, blurry=blurry, settings=tiny_settings(seed=1), resume=True), Listener(), RunControl())
    save_codes(blurry / "zzz_new.png", blurry_codes(50))
    with pytest.raises(InputError, match="photos have changed"):
        calibrate(asked(sets, project, blurry=blurry, resume=True), Listener(), RunControl())
    assert load_profile(project / "profile.lens").facts.blurry_hashes == first.facts.blurry_hashes


@pytest.mark.slow
def test_beginning_anew_sets_the_earlier_profile_aside(sets: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    first = learned(sets, project)
    second = learned(sets, project, settings=tiny_settings(seed=1))
    assert second.facts.settings["seed"] == 1
    np.testing.assert_array_equal(load_profile(project / "profile.before.lens").psf, first.psf)


def test_mono_and_known_noise_are_kept_to(sets: Path, tmp_path: Path) -> None:
    settings = tiny_settings().model_copy(update={"colour": "mono", "noise": 0.01})
    profile = learned(sets, tmp_path / "project", settings=settings)
    np.testing.assert_array_equal(profile.psf[:, :, 0], profile.psf[:, :, 1])
    np.testing.assert_array_equal(profile.psf[:, :, 0], profile.psf[:, :, 2])
    np.testing.assert_allclose(profile.noise_sigma, 0.01, rtol=1e-5)
