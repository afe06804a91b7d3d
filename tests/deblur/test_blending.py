import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from ddm_studio.deblur.blending import blend
from ddm_studio.settings import BlendSettings


def pictures(channels: int = 3) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    random = np.random.default_rng(160)
    return tuple(random.random((12, 17, channels), np.float32) for _ in range(2))


@pytest.mark.parametrize("channels", [1, 3])
def test_the_ends_are_the_very_pictures(channels: int) -> None:
    blurry, restored = pictures(channels)
    np.testing.assert_array_equal(blend(blurry, restored, BlendSettings()), restored)
    np.testing.assert_array_equal(blend(blurry, restored, BlendSettings(strength=0)), blurry)
    np.testing.assert_array_equal(blend(blurry, restored, BlendSettings(red=0, green=0, blue=0)), blurry)


def test_the_mixture_is_a_photo_by_a_lens_between_the_two_and_as_bright() -> None:
    blurry, restored = pictures()
    mixture = blend(blurry, restored, BlendSettings(strength=0.3))
    np.testing.assert_allclose(mixture, 0.7 * blurry + 0.3 * restored, atol=1e-6)
    np.testing.assert_allclose(mixture.mean((0, 1)), 0.7 * blurry.mean((0, 1)) + 0.3 * restored.mean((0, 1)), atol=1e-5)


def test_each_channel_has_its_own_share() -> None:
    blurry, restored = pictures()
    mixture = blend(blurry, restored, BlendSettings(strength=0.5, green=0, blue=0.5))
    for channel, share in enumerate((0.5, 0.0, 0.25)):
        np.testing.assert_allclose(mixture[:, :, channel], ((1 - share) * blurry + share * restored)[:, :, channel], atol=1e-6)


def test_without_colour_only_brightness_changes_and_as_much_as_in_the_result() -> None:
    blurry, restored = (0.3 + 0.2 * picture for picture in pictures())
    mixture = blend(blurry, restored, BlendSettings(colour=0))
    differences = [picture - picture[:, :, :1] for picture in (mixture, blurry)]
    np.testing.assert_allclose(differences[0], differences[1], atol=1e-6)
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    np.testing.assert_allclose(mixture @ weights, restored @ weights, atol=1e-6)


def test_nothing_leaves_0_to_1_and_nothing_is_changed_in_place() -> None:
    blurry, restored = pictures()
    before = blurry.copy(), restored.copy()
    mixture = blend(blurry, restored, BlendSettings(strength=0.8, colour=0.3))
    assert mixture.min() >= 0
    assert mixture.max() <= 1
    np.testing.assert_array_equal((blurry, restored), before)


def test_pictures_of_two_shapes_and_shares_beyond_1_are_refused() -> None:
    blurry, restored = pictures()
    with pytest.raises(ValueError, match="shape"):
        blend(blurry, restored[1:], BlendSettings())
    with pytest.raises(ValidationError):
        BlendSettings(strength=1.1)
