import urllib.error

import numpy as np
import pytest
import torch
from torchmetrics.image import lpip

from ddm_studio.deblur.scores import load_lpips, lpips, luma_psnr, psnr, ssim
from ddm_studio.errors import WeightsError
from ddm_studio.optics.dead_leaves import dead_leaves


def pictures() -> tuple[np.ndarray, np.ndarray]:
    truth = dead_leaves(60, 80, 1).clip(0, 1)
    noise = np.random.default_rng(0).normal(0, 0.02, truth.shape)
    return (truth + noise).astype(np.float32), truth


def test_psnr_of_known_noise() -> None:
    noisy, truth = pictures()
    assert psnr(noisy, truth, 4) == pytest.approx(-20 * np.log10(0.02), abs=0.1)
    assert psnr(truth, truth, 4) == 120


def test_luma_averages_noise_over_channels() -> None:
    noisy, truth = pictures()
    weights = np.array([65.481, 128.553, 24.966]) / 255
    assert luma_psnr(noisy, truth, 4) == pytest.approx(-20 * np.log10(0.02 * np.sqrt((weights**2).sum())), abs=0.3)
    # A grey level of error is one of luma, at its studio scale of 219 codes.
    assert luma_psnr(truth + 1 / 255, truth, 4) == pytest.approx(-20 * np.log10(219 / 255**2), abs=0.01)


def test_ssim_is_one_for_equal_pictures_and_falls_with_noise() -> None:
    noisy, truth = pictures()
    noisier = truth + 3 * (noisy - truth)
    assert ssim(truth, truth, 4) == pytest.approx(1, abs=1e-6)
    assert ssim(truth, truth, 4) > ssim(noisy, truth, 4) > ssim(noisier, truth, 4)


@pytest.mark.parametrize("score", [psnr, luma_psnr, ssim])
def test_what_lies_in_the_border_does_not_count(score) -> None:
    noisy, truth = pictures()
    spoilt = noisy.copy()
    spoilt[:4], spoilt[:, -4:] = 0, 1
    assert score(spoilt, truth, 4) == score(noisy, truth, 4)
    with pytest.raises(ValueError, match="one size"):
        score(noisy[:-1], truth, 4)


def test_lpips_is_not_downloaded_unasked_and_says_so_when_it_cannot_be(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert load_lpips() is None

    def offline(*arguments, **words):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(lpip, "_LPIPS", offline)
    monkeypatch.setattr(lpip, "_NoTrainLpips", offline)
    with pytest.raises(WeightsError, match="could not be downloaded"):
        load_lpips(download=True)


class MeanDifference(torch.nn.Module):
    def forward(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        assert one.shape[:2] == (1, 3)
        assert 0 <= one.min() <= one.max() <= 1
        return (one - other).abs().mean()


def test_lpips_sees_pictures_within_0_and_1_without_their_border() -> None:
    noisy, truth = pictures()
    assert lpips(MeanDifference(), truth, truth, 4) == 0
    assert lpips(MeanDifference(), noisy + 2, truth, 4) > 0
