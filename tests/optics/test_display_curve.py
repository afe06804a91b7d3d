"""The curve is sRGB's, the same for NumPy and torch, and its slope is its derivative."""

import numpy as np
import torch

from ddm_studio.optics.display_curve import decode, decode_slope, encode, slope_at


def test_known_values_of_srgb() -> None:
    assert np.allclose(encode(np.array([0.0, 0.18, 1.0])), [0.0, 0.46135612, 1.0], atol=1e-6)
    assert np.allclose(decode(np.array([0.02, 0.5])), [0.02 / 12.92, 0.21404114], atol=1e-7)


def test_numpy_and_torch_agree() -> None:
    values = np.linspace(-0.1, 1.2, 100)
    for curve in (encode, decode, decode_slope):
        assert np.allclose(curve(values), curve(torch.from_numpy(values)).numpy())


def test_the_slope_is_the_derivative() -> None:
    values = torch.linspace(-0.1, 1.2, 100, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(decode(values).sum(), values)
    assert torch.allclose(slope, decode_slope(values.detach()))


def test_the_slope_at_linear_light_is_that_at_its_encoded_value():
    linear = torch.linspace(-0.1, 1.5, 1001)
    assert torch.allclose(slope_at(linear), decode_slope(encode(linear)), rtol=1e-5)
