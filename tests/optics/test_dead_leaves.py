import numpy as np

from ddm_studio.optics.dead_leaves import dead_leaves


def test_a_seed_gives_its_scene_again_and_another_seed_another_scene() -> None:
    one = dead_leaves(60, 90, 3)
    assert one.shape == (60, 90, 3)
    assert one.dtype == np.float32
    assert np.array_equal(one, dead_leaves(60, 90, 3))
    assert not np.array_equal(one, dead_leaves(60, 90, 4))


def test_scenes_are_exposed_like_photos() -> None:
    scene = dead_leaves(120, 160, 1)
    assert scene.min() >= 0
    assert scene.max() <= 1
    assert 0.15 < scene.mean() < 0.75
    assert (scene >= 1).mean() < 0.05


def test_the_spectrum_falls_as_that_of_natural_photos() -> None:
    slopes = []
    for seed in range(4):
        grey = dead_leaves(128, 128, seed).mean(-1)
        window = np.hanning(128)[:, None] * np.hanning(128)
        power = np.abs(np.fft.fft2((grey - grey.mean()) * window)) ** 2
        radius = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.fftfreq(128)) * 128
        rings = np.array([power[(radius >= r) & (radius < r * 1.5)].mean() for r in (4, 8, 16, 32)])
        slopes.append(np.polyfit(np.log([4, 8, 16, 32]), np.log(rings), 1)[0])
    assert -3.2 < np.mean(slopes) < -1.4
