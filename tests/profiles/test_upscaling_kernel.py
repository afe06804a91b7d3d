import zipfile
from pathlib import Path

import numpy as np
import pytest

from ddm_studio.errors import ProfileError
from ddm_studio.profiles.upscaling_kernel import bicubic_kernel, load_upscaling_kernel, save_upscaling_kernel


def test_a_saved_kernel_comes_back_with_sum_one_and_in_all_channels(tmp_path: Path) -> None:
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3)
    save_upscaling_kernel(kernel, tmp_path / "kernel.npz")
    np.testing.assert_allclose(load_upscaling_kernel(tmp_path / "kernel.npz"), np.broadcast_to(kernel / 36, (3, 3, 3)), rtol=1e-6)


def test_the_bicubic_kernel_keeps_light_and_has_negative_lobes() -> None:
    kernel = bicubic_kernel()
    assert kernel.sum() == pytest.approx(1)
    assert kernel.min() < 0
    np.testing.assert_array_equal(kernel, kernel[::-1, ::-1])


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"psf": np.ones((3, 3))}, "lacks kernel or scale"),
        ({"kernel": np.ones((3, 3))}, "lacks kernel or scale"),
        ({"kernel": np.ones((3, 3)), "scale": 3}, "doubled only"),
        ({"kernel": np.ones((4, 4)), "scale": 2}, "k odd"),
        ({"kernel": np.full((3, 3), np.nan), "scale": 2}, "k odd"),
        ({"kernel": -np.ones((3, 3)), "scale": 2}, "no positive sum"),
    ],
)
def test_what_is_no_kernel_is_refused_with_the_reason(arrays: dict[str, np.ndarray], why: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "file.npz", **arrays)
    with pytest.raises(ProfileError, match=why):
        load_upscaling_kernel(tmp_path / "file.npz")


def test_a_damaged_or_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file.npz").write_bytes(b"PK nothing")
    with pytest.raises(ProfileError, match="damaged"):
        load_upscaling_kernel(tmp_path / "file.npz")
    with pytest.raises(ProfileError, match="no such file"):
        load_upscaling_kernel(tmp_path / "other.npz")


def test_an_archive_of_other_things_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "file.npz", "w") as archive:
        archive.writestr("kernel", b"abc")
        archive.writestr("scale", b"2")
    with pytest.raises(ProfileError, match="kernel is no array"):
        load_upscaling_kernel(tmp_path / "file.npz")
