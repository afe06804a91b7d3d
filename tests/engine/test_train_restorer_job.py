import time
from pathlib import Path

import numpy as np
import pytest
from tiny_sets import (
    HEIGHT,
    NOISE,
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
from ddm_studio.deblur.restorer_file import lens_digest, load_restorer_facts
from ddm_studio.engine.deblur_photos import compare_on_crop, deblur_photos
from ddm_studio.engine.requests import CompareRequest, DeblurRequest, TrainRestorerRequest
from ddm_studio.engine.train_restorer import train_lens_restorer
from ddm_studio.errors import InputError, ProfileError, WeightsError
from ddm_studio.events import CheckpointSaved, DeblurPreview, Event, Note, Progress, StageFinished, StageStarted
from ddm_studio.photos.reading import read_photo, read_photo_info
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.project import Project, begin_project
from ddm_studio.settings import DeblurSettings, Device, Method, PhotoFormat, RestorerSettings

SETTINGS = RestorerSettings(steps=3, batch=2, patch=32, tiles=40, device=Device.CPU)
SIGMA = np.full(3, NOISE, np.float32)


def silent(event: Event) -> None:
    pass


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project as a calibration leaves it, with the true grid as what was learned."""
    root = tmp_path_factory.mktemp("restorer")
    blurry, sharp = blurry_folder(root / "blurry"), sharp_folder(root / "sharp")
    project = begin_project(root / "project", blurry, sharp, tiny_settings())
    colour = read_photo_info(next(blurry.iterdir())).colour
    save_profile(LensProfile(known_lens(), SIGMA, (WIDTH, HEIGHT), colour), project.profile)
    return project


@pytest.fixture(scope="module")
def trained(finished: Project) -> Project:
    train_lens_restorer(TrainRestorerRequest(finished.folder, SETTINGS), silent, RunControl())
    return finished


def train(
    project: Project, steps: int = 3, report: Listener | None = None, control: RunControl | None = None, resume: bool = False
) -> bytes:
    settings = SETTINGS.model_copy(update={"steps": steps})
    result = train_lens_restorer(TrainRestorerRequest(project.folder, settings, resume), report or silent, control or RunControl())
    assert result.restorer == project.restorer
    return result.restorer.read_bytes()


def test_the_network_lies_in_the_project_with_its_scores_and_the_photos_are_untouched(finished: Project) -> None:
    photos = finished.folder.parent / "sharp"
    before, heard = hashes_below(photos), Listener()
    train(finished, report=heard)
    facts = load_restorer_facts(finished.restorer, lens_digest(known_lens(), SIGMA, "linear"))
    assert facts.steps == 3
    assert (facts.sharp_photos, facts.held_out_photos) == (9, 1)
    assert set(facts.scores) == {"psnr_blurred", "psnr_wiener", "psnr_network"}
    assert facts.scores["psnr_wiener"] > facts.scores["psnr_blurred"]
    assert hashes_below(photos) == before
    stages = [event.stage for event in heard.events if isinstance(event, StageStarted)]
    assert stages == ["reading sharp photos", "training the restorer", "scoring the restorer"]
    assert stages == [event.stage for event in heard.events if isinstance(event, StageFinished)]
    assert {event.stage for event in heard.events if isinstance(event, Progress)} == set(stages)


def test_a_network_that_is_no_better_than_wiener_is_not_passed_over_in_silence(finished: Project) -> None:
    heard = Listener()
    train(finished, steps=1, report=heard)
    facts = load_restorer_facts(finished.restorer, lens_digest(known_lens(), SIGMA, "linear"))
    said = any(isinstance(event, Note) and "no better than Wiener" in event.message for event in heard.events)
    assert said == (facts.scores["psnr_network"] <= facts.scores["psnr_wiener"])


def test_stopped_within_a_second_and_resumed_to_the_same_network(finished: Project) -> None:
    control, asked = RunControl(), []

    def stop_in_training(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == "training the restorer" and not asked:
            asked.append(time.process_time())
            control.stop()

    heard = Listener(stop_in_training)
    with pytest.raises(Cancelled):
        train(finished, steps=6, report=heard, control=control)
    assert time.process_time() - asked[0] < 1
    (saved,) = [event for event in heard.events if isinstance(event, CheckpointSaved)]
    assert 1 <= saved.step < 6
    rest = Listener()
    resumed = train(finished, steps=6, report=rest, resume=True)
    assert [event.step for event in rest.events if isinstance(event, CheckpointSaved)] == [6]
    whole = train(finished, steps=6)
    assert _weights(resumed) == _weights(whole)


def _weights(content: bytes) -> bytes:
    """The tensors of a safetensors file, without the header, which tells the seconds."""
    return content[8 + int.from_bytes(content[:8], "little") :]


def test_a_training_on_other_photos_is_not_gone_on_with(finished: Project) -> None:
    train(finished)
    extra = save_codes(finished.folder.parent / "sharp" / "new.png", blurry_codes(0))
    try:
        with pytest.raises(InputError, match="photos have changed"):
            train(finished, resume=True)
    finally:
        extra.unlink()


def test_an_unfinished_calibration_has_nothing_to_train_for(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no such file"):
        train_lens_restorer(TrainRestorerRequest(tmp_path, SETTINGS), silent, RunControl())


def deblur_settings() -> DeblurSettings:
    return DeblurSettings(method=Method.NETWORK, photo_format=PhotoFormat.PNG16, device=Device.CPU)


def test_photos_are_deblurred_with_the_network_beside_the_profile(trained: Project, tmp_path: Path) -> None:
    photo = save_codes(tmp_path / "photo.png", blurry_codes(30))
    result = deblur_photos(DeblurRequest((photo,), trained.profile, tmp_path / "out", deblur_settings()), silent, RunControl())
    assert [path.name for path in result.saved] == ["photo_network.png"]
    change = np.abs(np.diff(read_photo(result.saved[0]).pixels, axis=1)).mean() / np.abs(np.diff(read_photo(photo).pixels, axis=1)).mean()
    assert change > 1.1


def test_a_photo_is_done_anew_only_when_the_network_has_been_trained_anew(finished: Project, tmp_path: Path) -> None:
    photo = save_codes(tmp_path / "photo.png", blurry_codes(30))
    request = DeblurRequest((photo,), finished.profile, tmp_path / "out", deblur_settings())
    train(finished, steps=1)
    first, again = (deblur_photos(request, silent, RunControl()) for _ in range(2))
    assert (len(first.saved), len(again.saved)) == (1, 0)
    train(finished, steps=2)
    assert len(deblur_photos(request, silent, RunControl()).saved) == 1


def test_a_network_elsewhere_is_named(trained: Project, tmp_path: Path) -> None:
    photo = save_codes(tmp_path / "photo.png", blurry_codes(30))
    alone = tmp_path / "alone" / "copy.lens"
    alone.parent.mkdir()
    alone.write_bytes(trained.profile.read_bytes())
    request = DeblurRequest((photo,), alone, tmp_path / "out", deblur_settings())
    with pytest.raises(WeightsError, match=r"There is no network .*train-restorer"):
        deblur_photos(request, silent, RunControl())
    named = DeblurRequest((photo,), alone, tmp_path / "out", deblur_settings(), restorer=trained.restorer)
    assert len(deblur_photos(named, silent, RunControl()).saved) == 1


def test_the_network_of_another_lens_is_refused(trained: Project, tmp_path: Path) -> None:
    photo = save_codes(tmp_path / "photo.png", blurry_codes(30))
    other = tmp_path / "other.lens"
    save_profile(LensProfile(np.ascontiguousarray(known_lens()[:, ::-1]), SIGMA, (WIDTH, HEIGHT)), other)
    request = DeblurRequest((photo,), other, tmp_path / "out", deblur_settings(), restorer=trained.restorer)
    with pytest.raises(WeightsError, match="does not fit the lens profile"):
        deblur_photos(request, silent, RunControl())


def test_it_is_compared_with_the_other_methods_on_a_crop(trained: Project, tmp_path: Path) -> None:
    photo, heard = save_codes(tmp_path / "photo.png", blurry_codes(30)), Listener()
    methods = (Method.WIENER, Method.NETWORK)
    settings = DeblurSettings(device=Device.CPU)
    compare_on_crop(CompareRequest(photo, trained.profile, (10, 20, 64, 48), methods, settings), heard, RunControl())
    shown = {event.method: event.image for event in heard.events if isinstance(event, DeblurPreview) and event.final}
    assert set(shown) == {"blurry", "wiener", "network"}
    assert {image.shape for image in shown.values()} == {(48, 64, 3)}
    assert not np.array_equal(shown["network"], shown["wiener"])
