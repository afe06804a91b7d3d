from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ddm_studio.cli import main
from ddm_studio.control import Cancelled, RunControl
from ddm_studio.engine.requests import UpscaleRequest
from ddm_studio.engine.sidecar import read_sidecar
from ddm_studio.engine.upscale_photos import upscale_photos
from ddm_studio.events import Event, Progress
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.photos.reading import read_photo
from ddm_studio.profiles.upscaling_kernel import save_upscaling_kernel
from ddm_studio.settings import Device, PhotoFormat, UpscaleMethodName, UpscaleSettings

ROTATED = 6


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A JPEG of 112 x 88 pixels that a camera held upright took."""
    path = tmp_path / "scene.jpg"
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = ROTATED, "Camera 1"
    Image.fromarray((dead_leaves(88, 112, 3) * 255).astype(np.uint8)).save(path, exif=exif, quality=98, subsampling=0)
    return path


def test_both_methods_double_a_photo_and_keep_what_it_shows_and_says(photo: Path, tmp_path: Path) -> None:
    save_upscaling_kernel(np.ones((3, 3), np.float32), tmp_path / "kernel.npz")
    original = photo.read_bytes()
    for method in ("dpir", "zero-shot"):
        words = ["upscale", str(photo), "--method", method, "--kernel", str(tmp_path / "kernel.npz"), "--out", str(tmp_path / "out")]
        assert main([*words, "--noise", "0.005", "--learning-steps", "10", "--device", "cpu"]) == 0
        large = read_photo(tmp_path / "out" / f"scene_x2_{method}.tif")
        small = read_photo(photo)
        # Upright in the file that is written.
        assert large.pixels.shape == (224, 176, 3)
        assert large.info.camera == "Camera 1"
        upright = np.rot90(small.pixels, -1)
        halved = large.pixels.reshape(112, 2, 88, 2, 3).mean((1, 3))
        assert np.abs(halved - upright).mean() < 0.03
        assert halved.shape == upright.shape
    assert photo.read_bytes() == original


def test_no_file_is_replaced_and_a_photo_that_fails_does_not_keep_the_others(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "scene_x2_dpir.png").write_bytes(b"mine")
    settings = UpscaleSettings(photo_format=PhotoFormat.PNG16, device=Device.CPU)
    result = upscale_photos(UpscaleRequest((tmp_path / "gone.jpg", photo), None, out, settings), lambda event: None, RunControl())
    assert result.saved == (out / "scene_x2_dpir_2.png",)
    assert [path.name for path, _ in result.failed] == ["gone.jpg"]
    assert (out / "scene_x2_dpir.png").read_bytes() == b"mine"


def test_learning_from_a_photo_shows_progress_and_can_be_stopped(photo: Path, tmp_path: Path) -> None:
    control = RunControl()
    seen: list[Event] = []

    def stop_at_the_first_progress(event: Event) -> None:
        seen.append(event)
        if isinstance(event, Progress):
            control.stop()

    settings = UpscaleSettings(method=UpscaleMethodName.ZERO_SHOT, device=Device.CPU)
    with pytest.raises(Cancelled):
        upscale_photos(UpscaleRequest((photo,), None, tmp_path / "out", settings), stop_at_the_first_progress, control)
    assert any(isinstance(event, Progress) for event in seen)
    assert not list((tmp_path / "out").iterdir())


def test_a_photo_too_small_to_learn_from_is_told_as_such(tmp_path: Path) -> None:
    Image.new("RGB", (50, 40)).save(tmp_path / "tiny.png")
    settings = UpscaleSettings(method=UpscaleMethodName.ZERO_SHOT, device=Device.CPU)
    request = UpscaleRequest((tmp_path / "tiny.png",), None, tmp_path / "out", settings)
    ((_, reason),) = upscale_photos(request, lambda event: None, RunControl()).failed
    assert "too small to learn from" in reason


def test_what_is_done_is_told_by_its_sidecar_and_only_done_again_when_anything_differs(photo: Path, tmp_path: Path) -> None:
    save_upscaling_kernel(np.ones((3, 3), np.float32), tmp_path / "kernel.npz")
    settings = UpscaleSettings(noise=0.005, device=Device.CPU)
    request = UpscaleRequest((photo,), tmp_path / "kernel.npz", tmp_path / "out", settings)

    def run(request: UpscaleRequest) -> tuple[int, int]:
        result = upscale_photos(request, lambda event: None, RunControl())
        assert result.failed == ()
        return len(result.saved), len(result.done_before)

    assert run(request) == (1, 0)
    large = tmp_path / "out" / "scene_x2_dpir.tif"
    sidecar = read_sidecar(large)
    assert sidecar.profile is None
    assert sidecar.kernel is not None
    assert sidecar.kernel.describes(tmp_path / "kernel.npz")
    assert sidecar.source.describes(photo)
    assert sidecar.result is not None
    assert sidecar.result.describes(large)
    assert run(request) == (0, 1)
    assert run(replace(request, again=True)) == (1, 0)
    assert run(replace(request, settings=settings.model_copy(update={"noise": 0.01}))) == (1, 0)
    save_upscaling_kernel(np.ones((5, 5), np.float32), tmp_path / "kernel.npz")
    assert run(request) == (1, 0)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [large.name, f"{large.name}.json"]


def test_a_photo_made_larger_is_not_mixed_with_its_small_source(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upscale", str(photo), "--out", str(tmp_path / "out"), "--device", "cpu"]) == 0
    assert main(["blend", str(tmp_path / "out" / "scene_x2_dpir.tif"), "--out", str(tmp_path / "out"), "--strength", "0.5"]) != 0
    assert "made larger" in capsys.readouterr().err
