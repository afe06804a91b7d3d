from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ddm_studio.control import Cancelled, RunControl
from ddm_studio.deblur.blending import blend
from ddm_studio.deblur.weights import WeightFile
from ddm_studio.engine.deblur_photos import compare_on_crop, deblur_photos
from ddm_studio.engine.requests import CompareRequest, DeblurRequest
from ddm_studio.errors import InputError, ProfileError, WeightsError
from ddm_studio.events import DeblurPreview, Event, Note, PhotoSaved, PhotoSkipped, Progress, StageFinished, StageStarted
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import render_for_display, screen_codes
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.settings import BlendSettings, DeblurSettings, Device, Method, PhotoFormat

WIDTH, HEIGHT = 120, 90
EXIF_ORIENTATION = 274


def narrow_lens() -> NDArray[np.float32]:
    place = np.arange(7) - 3
    kernel = np.exp(-0.5 * (place[:, None] / 1.2) ** 2 - 0.5 * (place / 0.9) ** 2)
    return np.broadcast_to(kernel / kernel.sum(), (2, 3, 3, 7, 7)).astype(np.float32)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "lens.lens"
    save_profile(LensProfile(psf=narrow_lens(), noise_sigma=np.full(3, 0.01, np.float32), frame=(WIDTH, HEIGHT)), path)
    return path


def write_scene(path: Path, width: int = WIDTH, height: int = HEIGHT, orientation: int = 1, seed: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.round(dead_leaves(height, width, seed) * 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(1.0))
    exif = picture.getexif()
    exif[EXIF_ORIENTATION] = orientation
    picture.save(path, exif=exif)
    return path


def settings(method: Method = Method.WIENER, photo_format: PhotoFormat = PhotoFormat.PNG16) -> DeblurSettings:
    return DeblurSettings(method=method, photo_format=photo_format, device=Device.CPU)


def test_photos_are_saved_under_their_names_and_reported(tmp_path: Path, profile: Path) -> None:
    photos = (write_scene(tmp_path / "in" / "one.png"), write_scene(tmp_path / "in" / "two.jpg"))
    events: list[Event] = []
    result = deblur_photos(DeblurRequest(photos, profile, tmp_path / "out", settings()), events.append, RunControl())
    assert [path.name for path in result.saved] == ["one_wiener.png", "two_wiener.png"]
    assert result.failed == ()
    assert [event for event in events if isinstance(event, PhotoSaved)] == [
        PhotoSaved(source, target) for source, target in zip(photos, result.saved, strict=True)
    ]
    assert sum(isinstance(event, StageStarted) for event in events) == sum(isinstance(event, StageFinished) for event in events) == 2
    assert any(isinstance(event, Progress) for event in events)
    assert read_photo(result.saved[0]).info.frame == (WIDTH, HEIGHT)


def test_the_saved_photo_is_sharper_than_its_source(tmp_path: Path, profile: Path) -> None:
    source = write_scene(tmp_path / "one.png")
    result = deblur_photos(DeblurRequest((source,), profile, tmp_path / "out", settings()), print_nothing, RunControl())
    before, after = read_photo(source).pixels, read_photo(result.saved[0]).pixels
    assert np.abs(np.diff(after, axis=0)).mean() > 1.1 * np.abs(np.diff(before, axis=0)).mean()
    assert abs(after.mean() - before.mean()) < 0.01


def test_photos_of_one_stem_get_numbers_and_sources_are_never_replaced(tmp_path: Path, profile: Path) -> None:
    photos = (
        write_scene(tmp_path / "a" / "one.png"),
        write_scene(tmp_path / "b" / "one.jpg"),
        write_scene(tmp_path / "out" / "one_wiener.png"),
    )
    before = photos[2].read_bytes()
    result = deblur_photos(DeblurRequest(photos, profile, tmp_path / "out", settings()), print_nothing, RunControl())
    assert [path.name for path in result.saved] == ["one_wiener_2.png", "one_wiener_3.png", "one_wiener_wiener.png"]
    assert photos[2].read_bytes() == before


def test_a_bad_photo_is_named_and_the_others_are_finished(tmp_path: Path, profile: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("no photo")
    other_size = write_scene(tmp_path / "small.png", width=50, height=50)
    good = write_scene(tmp_path / "good.png")
    missing = tmp_path / "missing.png"
    events: list[Event] = []
    request = DeblurRequest((text, other_size, missing, good), profile, tmp_path / "out", settings())
    result = deblur_photos(request, events.append, RunControl())
    assert [path.name for path in result.saved] == ["good_wiener.png"]
    assert [path for path, _ in result.failed] == [text, other_size, missing]
    assert all(reason for _, reason in result.failed)
    assert [event.path for event in events if isinstance(event, PhotoSkipped)] == [text, other_size, missing]
    assert names_in(tmp_path / "out") == ["good_wiener.png", "good_wiener.png.json"]


def test_a_portrait_shot_is_deblurred_in_its_sensor_frame_and_comes_out_upright(tmp_path: Path, profile: Path) -> None:
    straight, turned = write_scene(tmp_path / "straight.png"), write_scene(tmp_path / "turned.png", orientation=6)
    request = DeblurRequest((straight, turned), profile, tmp_path / "out", settings())
    first, second = (read_photo(path).pixels for path in deblur_photos(request, print_nothing, RunControl()).saved)
    np.testing.assert_allclose(second, np.rot90(first, -1), atol=1e-4)


def test_a_profile_that_cannot_be_read_ends_the_job(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.lens"
    damaged.write_bytes(bytes(range(256)))
    with pytest.raises(ProfileError):
        deblur_photos(DeblurRequest((), damaged, tmp_path / "out", settings()), print_nothing, RunControl())
    assert not (tmp_path / "out").exists()


class NoNetwork:
    """Begins to download weights, and hears nothing more."""

    def __call__(self, weight: WeightFile, folder: Path | None, on_bytes: Callable[[int, int], None]) -> Path:
        on_bytes(0, weight.size)
        raise WeightsError("no network")


def test_the_licence_of_a_network_is_told_before_it_is_downloaded(tmp_path: Path, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddm_studio.deblur.denoisers.fetch_weights", NoNetwork())
    events: list[Event] = []
    wanted = settings(Method.DPIR).model_copy(update={"denoiser": "diffunet"})
    photo = write_scene(tmp_path / "in" / "one.png")
    with pytest.raises(WeightsError, match="No network"):
        deblur_photos(DeblurRequest((photo,), profile, tmp_path / "out", wanted), events.append, RunControl())
    (note,) = [event.message for event in events if isinstance(event, Note)]
    assert "may forbid commercial use" in note
    assert isinstance(events[events.index(Note(note)) + 1], StageStarted)


def test_a_folder_that_cannot_be_made_ends_the_job(tmp_path: Path, profile: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="cannot be made"):
        deblur_photos(DeblurRequest((), profile, tmp_path / "out", settings()), print_nothing, RunControl())


def test_stopping_leaves_finished_photos_and_nothing_half_written(tmp_path: Path, profile: Path) -> None:
    control = RunControl()
    photos = (write_scene(tmp_path / "one.png"), write_scene(tmp_path / "two.png"))

    def stop_after_the_first(event: Event) -> None:
        if isinstance(event, PhotoSaved):
            control.stop()

    with pytest.raises(Cancelled):
        deblur_photos(DeblurRequest(photos, profile, tmp_path / "out", settings()), stop_after_the_first, control)
    assert names_in(tmp_path / "out") == ["one_wiener.png", "one_wiener.png.json"]


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_crop_is_shown_blurry_and_restored_by_every_method(tmp_path: Path, profile: Path, orientation: int) -> None:
    photo = write_scene(tmp_path / "one.png", orientation=orientation)
    events: list[Event] = []
    compare_on_crop(CompareRequest(photo, profile, (10, 20, 64, 48), settings=settings()), events.append, RunControl())
    previews = [event for event in events if isinstance(event, DeblurPreview)]
    assert [preview.method for preview in previews if preview.final] == ["blurry", "wiener", "dpir", "diffpir"]
    assert all(preview.image.shape == (48, 64, 3) and preview.image.dtype == np.uint8 for preview in previews)
    assert not any(preview.image.flags.writeable for preview in previews)
    assert {preview.method for preview in previews if not preview.final} >= {"dpir", "diffpir"}
    upright = np.asarray(Image.open(photo))
    upright = np.rot90(upright, -1) if orientation == 6 else upright
    assert np.abs(previews[0].image.astype(int) - upright[20:68, 10:74]).max() <= 1


def test_a_compared_crop_is_what_the_whole_photo_becomes(tmp_path: Path, profile: Path) -> None:
    photo = write_scene(tmp_path / "one.png")
    events: list[Event] = []
    compare_on_crop(CompareRequest(photo, profile, (30, 10, 50, 40), (Method.WIENER,), settings()), events.append, RunControl())
    saved = deblur_photos(
        DeblurRequest((photo,), profile, tmp_path / "out", settings(photo_format=PhotoFormat.PNG16)), print_nothing, RunControl()
    ).saved
    whole = np.asarray(Image.open(write_as_8_bit(saved[0], tmp_path / "eight.png")))
    final = [event for event in events if isinstance(event, DeblurPreview) and event.final][-1]
    assert np.abs(final.image.astype(int) - whole[10:50, 30:80]).max() <= 1


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_mixture_is_saved_as_the_comparison_can_show_it(tmp_path: Path, profile: Path, orientation: int) -> None:
    photo = write_scene(tmp_path / "in" / "one.png", orientation=orientation)
    width, height = (HEIGHT, WIDTH) if orientation == 6 else (WIDTH, HEIGHT)
    mixing = BlendSettings(strength=0.6, green=0.5, colour=0.3)
    wanted = settings().model_copy(update={"blend": mixing})
    events: list[Event] = []
    compare_on_crop(CompareRequest(photo, profile, (0, 0, width, height), (Method.WIENER,), wanted), events.append, RunControl())
    blurry, restored = (event for event in events if isinstance(event, DeblurPreview) and event.final)
    assert blurry.light is not None
    assert restored.light is not None
    assert restored.to_srgb is not None
    shown = screen_codes(blend(blurry.light, restored.light, mixing, restored.to_srgb), restored.to_srgb)
    saved = read_photo(deblur_photos(DeblurRequest((photo,), profile, tmp_path / "out", wanted), events.append, RunControl()).saved[0])
    assert np.abs(render_for_display(saved.pixels, saved, 1).astype(int) - shown).max() <= 1
    assert np.abs(shown.astype(int) - restored.image).max() > 4


def test_a_crop_outside_the_photo_is_refused(tmp_path: Path, profile: Path) -> None:
    photo = write_scene(tmp_path / "one.png")
    with pytest.raises(InputError, match="does not lie in the photo"):
        compare_on_crop(CompareRequest(photo, profile, (100, 0, 64, 48), settings=settings()), print_nothing, RunControl())


def write_as_8_bit(photo: Path, target: Path) -> Path:
    from ddm_studio.photos.rendering import render_for_display

    read = read_photo(photo)
    Image.fromarray(render_for_display(read.pixels, read, 1)).save(target)
    return target


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def print_nothing(event: Event) -> None:
    """An audience that does not listen."""
