"""Numbers about PSFs mean what they say."""

import numpy as np
import pytest

from ddm_studio.optics.psf_metrics import aligned, centroid, fwhm, grid_ncc, kernel_psnr, lateral_shift, ncc, pad_to, shift


def gaussian(sigma: float, row: float = 0.0, column: float = 0.0, size: int = 15) -> np.ndarray:
    places = np.arange(size) - size // 2
    kernel = np.exp(-((places[:, None] - row) ** 2 + (places - column) ** 2) / (2 * sigma**2))
    return kernel / kernel.sum()


def grid(rows: float = 0.0, columns: float = 0.0, size: int = 15) -> np.ndarray:
    """2 x 3 nodes; red and blue lie on either side of green."""
    node = [gaussian(1.4, rows + d, columns - d, size) for d in (0.7, 0.0, -0.5)]
    return np.tile(np.stack(node), (2, 3, 1, 1, 1))


@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.2])
def test_fwhm_of_a_gaussian(sigma: float) -> None:
    assert fwhm(gaussian(sigma)) == pytest.approx(2.3548 * sigma, rel=0.04)


def test_centroid_is_rows_then_columns() -> None:
    assert np.allclose(centroid(gaussian(1.3, 1.0, -0.5)), [1.0, -0.5], atol=1e-3)


def test_lateral_shift_is_red_minus_green_then_blue_minus_green() -> None:
    assert np.allclose(lateral_shift(grid())[0, 0], [[0.7, -0.7], [-0.5, 0.5]], atol=1e-3)


@pytest.mark.parametrize(("row", "column"), [(0.0, 0.0), (0.43, -1.27), (-2.3, 0.8)])
def test_grid_ncc_forgives_a_shift_of_the_whole_node(row: float, column: float) -> None:
    assert grid_ncc(grid(row, column), grid()).min() > 0.999


def test_grid_ncc_does_not_forgive_a_shift_between_channels_or_another_orientation() -> None:
    apart = grid()
    apart[:, :, 0] = gaussian(1.4, 0.0, 1.5)
    assert grid_ncc(apart, grid()).mean() < 0.97
    lopsided = np.tile(gaussian(1.2) + 0.5 * gaussian(0.8, 2.5, 1.0), (2, 3, 3, 1, 1))
    assert grid_ncc(lopsided, lopsided).min() > 0.9999
    assert grid_ncc(lopsided[..., ::-1, :], lopsided).max() < 0.99
    assert grid_ncc(lopsided.swapaxes(-1, -2), lopsided).max() < 0.99


def test_grid_ncc_compares_kernels_of_different_sizes() -> None:
    small = grid(size=11)
    assert grid_ncc(small, grid()).min() > 0.99
    with pytest.raises(ValueError, match="grids differ"):
        grid_ncc(grid()[:1], grid())


def test_ncc_of_a_flat_kernel_is_zero_not_an_error() -> None:
    assert ncc(np.ones((5, 5)), gaussian(1.0, size=5)) == 0


def test_kernel_psnr_centres_both() -> None:
    kernel = gaussian(1.5)
    assert kernel_psnr(gaussian(1.5, 1.0, -1.0), kernel) > 60
    assert kernel_psnr(gaussian(2.0), kernel) < kernel_psnr(gaussian(1.6), kernel) < 80


def test_padding_keeps_the_centre() -> None:
    padded = pad_to(gaussian(1.0, size=5), 9)
    assert padded.argmax() == 4 * 9 + 4
    with pytest.raises(ValueError, match="odd"):
        pad_to(padded, 12)


def test_an_aligned_grid_lies_where_the_truth_does():
    places = np.arange(13) - 6
    kernel = np.exp(-((places[:, None] - 0.7) ** 2) / 3 - (places + 0.4) ** 2 / 5)
    truth = np.broadcast_to(kernel / kernel.sum(), (1, 2, 3, 13, 13))
    moved = shift(truth, np.array([1.3, -0.6]))
    back = aligned(moved, truth)
    assert np.abs(back - pad_to(truth, back.shape[-1])).max() < 0.02 * truth.max()
    assert np.abs(moved - truth).max() > 0.2 * truth.max()
