from pathlib import Path

import numpy as np
import pytest
from photo_files import save_dng, smooth_light, write_photo
from PIL import Image
from test_deblur_photos import HEIGHT, WIDTH, narrow_lens, print_nothing, write_scene

from ddm_studio.control import RunControl
from ddm_studio.engine.blend_photos import blend_photos
from ddm_studio.engine.deblur_photos import deblur_photos
from ddm_studio.engine.requests import BlendRequest, DeblurRequest, DeblurResult
from ddm_studio.engine.sidecar import read_sidecar, sidecar_of
from ddm_studio.photos.reading import read_photo
from ddm_studio.photos.rendering import render_for_display
from ddm_studio.photos.writing import SUFFIXES
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.settings import BlendSettings, DeblurSettings, FileSettings, PhotoFormat


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "lens.lens"
    save_profile(LensProfile(psf=narrow_lens(), noise_sigma=np.full(3, 0.01, np.float32), frame=(WIDTH, HEIGHT)), path)
    return path


def deblurred(source: Path, profile: Path, photo_format: PhotoFormat = PhotoFormat.PNG16) -> Path:
    settings = DeblurSettings(photo_format=photo_format, device="cpu")
    (saved,) = deblur_photos(DeblurRequest((source,), profile, source.parent / "out", settings), print_nothing, RunControl()).saved
    return saved


def blended(*results: Path, source: Path | None = None, photo_format: PhotoFormat | None = None, **shares: float) -> DeblurResult:
    request = BlendRequest(results, results[0].parent / "mixed", BlendSettings(**shares), source, photo_format)
    return blend_photos(request, print_nothing, RunControl())


def grey_scene(path: Path) -> Path:
    write_scene(path)
    with Image.open(path) as image:
        grey = image.convert("L")
    grey.save(path)
    return path


@pytest.mark.parametrize("photo_format", [PhotoFormat.TIFF16, PhotoFormat.PNG16])
@pytest.mark.parametrize("kind", ["straight", "turned", "grey"])
def test_full_strength_is_the_result_and_none_the_photo_upright(
    tmp_path: Path, profile: Path, photo_format: PhotoFormat, kind: str
) -> None:
    place = tmp_path / "one.png"
    source = grey_scene(place) if kind == "grey" else write_scene(place, orientation=6 if kind == "turned" else 1)
    result = deblurred(source, profile, photo_format)
    (whole,) = blended(result).saved
    (none,) = blended(result, strength=0).saved
    assert (whole.name, none.name) == (f"one_wiener_100{SUFFIXES[photo_format]}", f"one_wiener_0{SUFFIXES[photo_format]}")
    np.testing.assert_array_equal(read_photo(whole).pixels, read_photo(result).pixels)
    photo = read_photo(source)
    write_photo(tmp_path / "upright", photo.pixels, photo, FileSettings(photo_format=photo_format))
    np.testing.assert_array_equal(read_photo(none).pixels, read_photo(tmp_path / "upright").pixels)
    assert read_photo(whole).rendering.is_grey == (kind == "grey")


def test_a_mixture_lies_between_and_says_how_it_was_made(tmp_path: Path, profile: Path) -> None:
    source = write_scene(tmp_path / "one.png")
    result = deblurred(source, profile)
    (mixture,) = blended(result, strength=0.25, red=0, photo_format=PhotoFormat.TIFF16).saved
    assert mixture.name == "one_wiener_25_r0.tif"
    blurry, restored, mixed = (read_photo(path).pixels for path in (source, result, mixture))
    np.testing.assert_allclose(mixed[:, :, 1:], (0.75 * blurry + 0.25 * restored)[:, :, 1:], atol=2e-4)
    np.testing.assert_allclose(mixed[:, :, 0], blurry[:, :, 0], atol=2e-4)
    sidecar = read_sidecar(mixture)
    assert sidecar.blend is not None
    assert sidecar.blend.settings == BlendSettings(strength=0.25, red=0)
    assert sidecar.blend.result.describes(result)
    assert sidecar.source == read_sidecar(result).source


def test_the_photo_is_found_where_it_was_or_where_it_is_pointed_to(tmp_path: Path, profile: Path) -> None:
    source = write_scene(tmp_path / "one.png")
    result = deblurred(source, profile)
    moved = tmp_path / "archive" / "one.png"
    moved.parent.mkdir()
    source.rename(moved)
    assert "was moved or removed" in blended(result).failed[0][1]
    assert blended(result, source=moved).failed == ()
    assert blended(result, source=moved.parent).failed == ()
    write_scene(source, seed=5)
    assert "is not the photo" in blended(result).failed[0][1]


def test_what_cannot_be_mixed_is_told_and_the_others_are_finished(tmp_path: Path, profile: Path) -> None:
    first, second, third = (deblurred(write_scene(tmp_path / f"{name}.png"), profile) for name in ("one", "two", "three"))
    (mixture,) = blended(first, strength=0.5).saved
    sidecar_of(first).unlink()
    second.write_bytes(second.read_bytes() + b"edited")
    outcome = blended(first, second, mixture, third, strength=0.5)
    reasons = [reason for _, reason in outcome.failed]
    for reason, words in zip(reasons, ("beside it", "was changed", "a mixture itself"), strict=True):
        assert words in reason
    assert [path.name for path in outcome.saved] == ["three_wiener_50.png"]


def test_a_mixture_replaces_its_own_kind_only(tmp_path: Path, profile: Path) -> None:
    result = deblurred(write_scene(tmp_path / "one.png"), profile)
    other = result.parent / "mixed" / "one_wiener_50.png"
    other.parent.mkdir()
    other.write_text("a file of somebody else")
    assert [blended(result, strength=0.5).saved[0].name for _ in range(2)] == ["one_wiener_50_2.png"] * 2
    assert other.read_text() == "a file of somebody else"


def test_a_raw_is_mixed_in_the_colours_of_its_result(tmp_path: Path) -> None:
    source = save_dng(tmp_path / "one.dng", smooth_light(120, 160), 6)
    info = read_photo(source).info
    profile = tmp_path / "raw.lens"
    save_profile(LensProfile(psf=narrow_lens(), noise_sigma=np.full(3, 0.01, np.float32), frame=info.frame), profile)
    (none,) = blended(deblurred(source, profile), strength=0).saved
    photo, mixture = read_photo(source), read_photo(none)
    seen, shown = render_for_display(mixture.pixels, mixture, 1), render_for_display(photo.pixels, photo, info.orientation)
    assert np.abs(seen.astype(int) - shown).max() <= 1
