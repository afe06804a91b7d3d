"""A batch deblurred again, after a stop, a crash, a full disk or a change: what is done is not done again, and nothing else is skipped."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_deblur_photos import HEIGHT, WIDTH, narrow_lens, print_nothing, settings, write_scene

from ddm_studio import __version__
from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.deblur_photos import deblur_photos
from ddm_studio.engine.requests import DeblurRequest, DeblurResult
from ddm_studio.engine.sidecar import FileFacts, Sidecar, read_sidecar, sidecar_of, write_sidecar
from ddm_studio.errors import DiskFullError, InputError
from ddm_studio.events import Event, Note, PhotoAlreadyDone, PhotoSaved
from ddm_studio.photos.reading import read_photo
from ddm_studio.profiles.lens_profile import LensProfile, save_profile
from ddm_studio.profiles.profile_facts import ProfileFacts
from ddm_studio.settings import DeblurSettings, Device


def save_lens(path: Path, noise: float = 0.01) -> Path:
    facts = ProfileFacts(lens="Old 35")
    save_profile(LensProfile(psf=narrow_lens(), noise_sigma=np.full(3, noise, np.float32), frame=(WIDTH, HEIGHT), facts=facts), path)
    return path


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return save_lens(tmp_path / "lens.lens")


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, ...]:
    return tuple(write_scene(tmp_path / "in" / f"{name}.png", seed=seed) for seed, name in enumerate(("one", "two", "three")))


def deblur(photos: tuple[Path, ...], profile: Path, out: Path, choice: DeblurSettings | None = None, again: bool = False) -> DeblurResult:
    return deblur_photos(DeblurRequest(photos, profile, out, choice or settings(), again), print_nothing, RunControl())


def test_originals_are_not_touched(tmp_path: Path, profile: Path, photos: tuple[Path, ...]) -> None:
    def facts(path: Path) -> tuple[bytes, int, int]:
        return path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino

    before = [facts(path) for path in (*photos, profile)]
    deblur(photos, profile, tmp_path / "in", DeblurSettings(name="{name}", photo_format="png16", device="cpu"))
    assert [facts(path) for path in (*photos, profile)] == before
    assert (tmp_path / "in" / "one_2.png").exists()


def test_the_sidecar_says_what_a_result_was_made_of(tmp_path: Path, profile: Path, photos: tuple[Path, ...]) -> None:
    (result,) = deblur(photos[:1], profile, tmp_path / "out").saved
    sidecar = read_sidecar(result)
    assert sidecar_of(result).name == "one_wiener.png.json"
    assert sidecar.result is not None
    for facts, path in ((sidecar.source, photos[0]), (sidecar.profile, profile), (sidecar.result, result)):
        assert facts.path == path.resolve()
        assert facts.describes(path)
    assert not sidecar.source.describes(photos[1])
    assert (sidecar.method, sidecar.lens) == ("wiener", "Old 35")
    assert DeblurSettings(**sidecar.settings) == settings()
    assert (sidecar.format_version, sidecar.program_version) == (1, __version__)
    assert 0 < sidecar.seconds < 60
    assert sidecar.written.tzinfo is not None


def test_what_is_done_is_told_and_not_done_again_unless_asked(tmp_path: Path, profile: Path, photos: tuple[Path, ...]) -> None:
    first = deblur(photos, profile, tmp_path / "out")
    stamps = [path.stat().st_mtime_ns for path in first.saved]
    events: list[Event] = []
    second = deblur_photos(DeblurRequest(photos, profile, tmp_path / "out", settings()), events.append, RunControl())
    assert (second.saved, second.failed, second.done_before) == ((), (), first.saved)
    assert [event.path for event in events if isinstance(event, PhotoAlreadyDone)] == list(first.saved)
    assert [path.stat().st_mtime_ns for path in first.saved] == stamps
    assert deblur(photos, profile, tmp_path / "out", again=True).saved == first.saved


@pytest.mark.parametrize("change", ["source", "profile", "settings", "cut", "gone", "sidecar"])
def test_a_result_of_anything_else_is_replaced_where_it_lies(tmp_path: Path, profile: Path, photos: tuple[Path, ...], change: str) -> None:
    (result,) = deblur(photos[:1], profile, tmp_path / "out").saved
    choice = settings()
    match change:
        case "source":
            write_scene(photos[0], seed=9)
        case "profile":
            save_lens(profile, 0.02)
        case "settings":
            choice = choice.model_copy(update={"strength": 2.0})
        case "cut":
            result.write_bytes(result.read_bytes()[:-100])
        case "gone":
            result.unlink()
        case "sidecar":
            sidecar = read_sidecar(result)
            write_sidecar(result, sidecar.model_copy(update={"program_version": "0.0.1"}))
    again = deblur(photos[:1], profile, tmp_path / "out", choice)
    assert (again.saved, again.done_before) == ((result,), ())
    assert deblur(photos[:1], profile, tmp_path / "out", choice).done_before == (result,)


@pytest.mark.parametrize("change", [{"device": Device.AUTO}, {"jpeg_quality": 70}])
def test_where_to_compute_and_the_quality_of_another_format_make_no_other_result(
    tmp_path: Path, profile: Path, photos: tuple[Path, ...], change: dict[str, object]
) -> None:
    (result,) = deblur(photos[:1], profile, tmp_path / "out").saved
    assert deblur(photos[:1], profile, tmp_path / "out", settings().model_copy(update=change)).done_before == (result,)


def test_a_batch_that_was_stopped_goes_on_where_it_was(tmp_path: Path, profile: Path, photos: tuple[Path, ...]) -> None:
    control = RunControl()

    def stop_after_the_first(event: Event) -> None:
        if isinstance(event, PhotoSaved):
            control.stop()

    with pytest.raises(Cancelled):
        deblur_photos(DeblurRequest(photos, profile, tmp_path / "out", settings()), stop_after_the_first, control)
    rest = deblur(photos, profile, tmp_path / "out")
    assert [[path.stem for path in paths] for paths in (rest.done_before, rest.saved)] == [["one_wiener"], ["two_wiener", "three_wiener"]]


def test_a_result_that_a_crash_left_unclaimed_or_half_claimed_is_done_again(
    tmp_path: Path, profile: Path, photos: tuple[Path, ...]
) -> None:
    (result,) = deblur(photos[:1], profile, tmp_path / "out").saved
    whole = read_photo(result).pixels
    # The process ended between the claim and the last line of the sidecar.
    write_sidecar(result, read_sidecar(result).model_copy(update={"result": None}))
    assert deblur(photos[:1], profile, tmp_path / "out").saved == (result,)
    np.testing.assert_array_equal(read_photo(result).pixels, whole)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The system lets no file grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_in_the_middle_ends_the_batch_and_leaves_nothing_half_written(
    tmp_path: Path, profile: Path, photos: tuple[Path, ...]
) -> None:
    out = tmp_path / "out"
    before = deblur(photos[:1], profile, out).saved[0].read_bytes()
    with room_for(5000), pytest.raises(DiskFullError, match="cannot be written"):
        deblur(photos, profile, out, settings().model_copy(update={"strength": 2.0}))
    assert sorted(path.name for path in out.iterdir()) == ["one_wiener.png", "one_wiener.png.json"]
    assert (out / "one_wiener.png").read_bytes() == before
    assert deblur(photos, profile, out).done_before == (out / "one_wiener.png",)


def test_what_could_not_be_kept_is_told_and_noted(tmp_path: Path, profile: Path) -> None:
    source = write_scene(tmp_path / "one.jpg")
    content = source.read_bytes()
    source.write_bytes(content[:2] + b"\xff\xe1\x00\x2ahttp://ns.adobe.com/xap/1.0/\0<damaged>.." + content[2:])
    events: list[Event] = []
    result = deblur_photos(DeblurRequest((source,), profile, tmp_path / "out", settings()), events.append, RunControl())
    (note,) = [event.message for event in events if isinstance(event, Note)]
    assert note.startswith("one.jpg: its XMP data are damaged")
    assert read_sidecar(result.saved[0]).notes == (note.removeprefix("one.jpg: "),)


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b"\xff", b'{"format_version": 2}', b"[" * 5000])
def test_a_sidecar_that_cannot_be_read_is_told(tmp_path: Path, content: bytes) -> None:
    photo = tmp_path / "a.tif"
    sidecar_of(photo).write_bytes(content)
    with pytest.raises(InputError):
        read_sidecar(photo)
    sidecar_of(photo).unlink()
    with pytest.raises(InputError, match="beside it"):
        read_sidecar(photo)


def test_a_sidecar_keeps_what_a_later_version_added(tmp_path: Path) -> None:
    facts = FileFacts(path=tmp_path, size=1, sha256="0")
    write_sidecar(tmp_path / "a.tif", Sidecar(source=facts, profile=facts, settings={"method": "newest"}, added=[1, 2]))
    again = read_sidecar(tmp_path / "a.tif")
    write_sidecar(tmp_path / "b.tif", again)
    assert read_sidecar(tmp_path / "b.tif") == again
    assert again.model_dump()["added"] == [1, 2]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("photo_format", ["png16", "tiff16"])
def test_transparency_and_colours_under_it_are_in_the_result(tmp_path: Path, profile: Path, suffix: str, photo_format: str) -> None:
    plain = write_scene(tmp_path / f"plain{suffix}")
    clear = tmp_path / f"clear{suffix}"
    with Image.open(plain) as image:
        alpha = Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH), np.uint8))
        image.putalpha(alpha)
        image.save(clear)
    results = deblur((plain, clear), profile, tmp_path / "out", DeblurSettings(photo_format=photo_format, device="cpu")).saved
    opaque, see_through = (read_photo(path) for path in results)
    np.testing.assert_array_equal(see_through.pixels, opaque.pixels)
    np.testing.assert_array_equal(see_through.alpha, np.asarray(alpha).astype(np.uint16) * 257)
    assert opaque.alpha is None
