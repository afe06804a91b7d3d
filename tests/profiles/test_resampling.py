import numpy as np
import pytest

from ddm_studio.profiles.resampling import scaled_kernels, scaled_spectrum


def gaussian(size: int, width: float, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    down, across = (np.arange(size) - size // 2 - offset for offset in shift)
    kernel = np.exp(-0.5 * (down[:, None] ** 2 + across**2) / width**2)
    return kernel / kernel.sum()


def moments(kernel: np.ndarray) -> tuple[float, float]:
    """Centre across and standard deviation across."""
    places, mass = np.arange(kernel.shape[-1]) - kernel.shape[-1] // 2, kernel.sum(0)
    centre = float(mass @ places)
    return centre, float(np.sqrt(mass @ (places - centre) ** 2))


@pytest.mark.parametrize("scale", [0.3, 0.5, 0.77, 1.0])
def test_a_gaussian_becomes_the_gaussian_of_the_smaller_photo(scale):
    scaled = scaled_kernels(gaussian(41, 4.0, (0.0, 1.5)), scale)
    expected = gaussian(scaled.shape[-1], 4.0 * scale, (0.0, 1.5 * scale))
    np.testing.assert_allclose(scaled, expected, atol=0.03 * expected.max())
    assert moments(scaled) == pytest.approx((1.5 * scale, 4.0 * scale), rel=0.03)


def test_a_point_stays_a_point_and_sums_stay_one():
    point = np.zeros((7, 7))
    point[3, 3] = 1
    scaled = scaled_kernels(np.stack([point, gaussian(7, 1.0)]), 0.6)
    assert scaled[0].max() == pytest.approx(1)
    np.testing.assert_allclose(scaled.sum((-1, -2)), 1)
    assert scaled.min() >= 0


def test_blurring_and_making_smaller_is_making_smaller_and_blurring_with_the_scaled_kernel():
    from scipy.signal import convolve2d

    scene = np.random.default_rng(0).random((16, 16)).repeat(12, 0).repeat(12, 1)
    kernel = gaussian(25, 3.0, (0.8, -0.6)) * 0.7 + gaussian(25, 1.5, (-3.0, 2.0)) * 0.3

    def small(picture):
        return picture.reshape(64, 3, 64, 3).mean((1, 3))

    photo = small(convolve2d(scene, kernel, "same"))
    ours = convolve2d(small(scene), scaled_kernels(kernel, 1 / 3), "same")
    wrong = convolve2d(small(scene), scaled_kernels(kernel[::-1, ::-1], 1 / 3), "same")
    error, mirrored, blur = (float(np.std((other - photo)[8:-8, 8:-8])) for other in (ours, wrong, small(scene)))
    assert error < 0.05 * blur
    assert error < 0.3 * mirrored


@pytest.mark.parametrize("scale", [0.0, -1.0, 1.01])
def test_kernels_are_only_made_smaller(scale):
    with pytest.raises(ValueError, match="only scaled down"):
        scaled_kernels(gaussian(5, 1.0), scale)


def frequencies(size: int) -> np.ndarray:
    return np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size))


@pytest.mark.parametrize("scale", [0.2, 0.35, 0.5, 0.77, 0.97])
def test_scenes_that_look_alike_at_all_scales_have_the_same_spectrum_made_smaller(scale):
    own = frequencies(48)
    own[0, 0] = 1
    scaled = scaled_spectrum((1 / own**2)[None], scale)[0]
    assert scaled.shape[0] == pytest.approx(48 * scale, abs=1)
    expected = frequencies(len(scaled))
    # Below one and a half periods across a window nobody looks.
    seen = expected > 1.5 / len(scaled)
    np.testing.assert_allclose(scaled[seen], 1 / expected[seen] ** 2, rtol=0.02)


def test_white_noise_stays_white_at_half_the_size_and_loses_what_averaging_takes():
    np.testing.assert_allclose(scaled_spectrum(np.ones((6, 48, 25)), 0.5), np.full((6, 24, 13), 0.25))


def test_at_half_the_size_the_low_frequencies_are_what_is_left():
    planes = np.random.default_rng(0).uniform(0.5, 1.5, (6, 48, 25))
    scaled = scaled_spectrum(planes, 0.5)
    np.testing.assert_allclose(scaled[:, :12, :13], planes[:, :12, :13] / 4)
    np.testing.assert_allclose(scaled[:, -11:, :13], planes[:, -11:, :13] / 4)
