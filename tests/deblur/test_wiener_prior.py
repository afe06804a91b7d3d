import pytest
import torch
from lenses import varying_lens

from ddm_studio.deblur.restore import restore_frame
from ddm_studio.deblur.scene_prior import PAIRS, ScenePrior
from ddm_studio.deblur.tile_model import TileModel
from ddm_studio.deblur.tile_spectra import transfer_functions
from ddm_studio.deblur.wiener import JointFilter
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_frame
from ddm_studio.settings import DeblurSettings

SIGMA = torch.full((3,), 0.01)
SIDE = 32


def linear_scene(seed: int, height: int = 150, width: int = 200) -> torch.Tensor:
    return decode(torch.from_numpy(dead_leaves(height, width, seed))).permute(2, 0, 1).contiguous()


def measured_planes() -> torch.Tensor:
    """Mean cross-power spectra of windows of scenes that are not restored."""
    window = torch.hann_window(SIDE, periodic=True)[:, None] * torch.hann_window(SIDE, periodic=True)
    window /= window.square().sum().sqrt()
    windows = torch.cat([linear_scene(seed).unfold(1, SIDE, 16).unfold(2, SIDE, 16).flatten(1, 2).transpose(0, 1) for seed in (11, 12)])
    spectra = torch.fft.rfft2((windows - windows.mean((-2, -1), keepdim=True)) * window)
    products = torch.einsum("nchw,ndhw->cdhw", spectra, spectra.conj()).real / len(windows)
    return torch.stack([products[i, j] for i, j in ((0, 0), (1, 1), (2, 2), *PAIRS)])


@pytest.fixture(scope="module")
def prior() -> ScenePrior:
    return ScenePrior(measured_planes())


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(-10 * (encode(one).clamp(0, 1) - encode(other).clamp(0, 1))[:, 9:-9, 9:-9].square().mean().log10())


def photo_of(sharp: torch.Tensor) -> torch.Tensor:
    noise = torch.randn(sharp.shape, generator=torch.Generator().manual_seed(0))
    return decode((encode(blur_frame(sharp, varying_lens())) + 0.01 * noise).clamp(0, 1))


def test_the_prior_is_what_was_measured_at_the_measured_frequencies(prior: ScenePrior) -> None:
    planes = measured_planes()
    found = prior.at(SIDE, SIDE, torch.device("cpu"))
    away = torch.fft.fftfreq(SIDE)[:, None].square() + torch.fft.rfftfreq(SIDE).square() > (3 / SIDE) ** 2
    squared = (torch.fft.fftfreq(SIDE)[:, None].square() + torch.fft.rfftfreq(SIDE).square())[away]
    expected = planes[:3, away] * squared / (squared + 1 / SIDE**2)
    torch.testing.assert_close(found.power.mT[:, away], expected, rtol=2e-3, atol=0)


def test_at_other_sizes_it_is_the_same_law_and_falls_where_scenes_do(prior: ScenePrior) -> None:
    coarse, fine = prior.at(48, 64, torch.device("cpu")), prior.at(96, 128, torch.device("cpu"))
    # Every second frequency of a tile of twice the size.
    torch.testing.assert_close(coarse.power[:, 8:24, 4:20], fine.power[:, 16:48:2, 8:40:2], rtol=0.02, atol=0)
    along = fine.power[1, 1:40, 0]
    assert (along[8:] < along[:-8]).all()


def test_the_joint_filter_is_the_best_linear_estimate(prior: ScenePrior) -> None:
    generator = torch.Generator().manual_seed(0)
    windows, kernels = torch.rand(2, 3, 40, 48, generator=generator), varying_lens()[0, :2]
    model = TileModel.with_one_kernel(windows, kernels)
    scene = prior.at(40, 48, torch.device("cpu"))
    scale, noise = torch.tensor([0.5, 2.0]).view(2, 1, 1, 1), torch.tensor([1e-4, 2e-4, 4e-4]).view(1, 3, 1, 1)
    joint = JointFilter(model, noise, scene, scale.expand(-1, 3, -1, -1))
    ours = torch.fft.rfft2(model.solved(joint.usual) * noise.sqrt())
    # Textbook: S H^* (H S H^* + N)^-1 Y, with S the cross-powers of the channels.
    precision = torch.empty(40, 25, 3, 3)
    for number, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), *PAIRS)):
        precision[..., i, j] = precision[..., j, i] = scene.precision[number].mT
    # Of the mean nothing is expected; it is left out below.
    precision[0, 0] = torch.eye(3)
    signal = (scale[..., None] * torch.linalg.inv(precision)).to(torch.complex64)
    transfer = torch.diag_embed(transfer_functions(kernels, 40, 48).permute(0, 2, 3, 1))
    seen = transfer @ signal @ transfer.mH + torch.diag_embed(noise.view(3)).to(signal)
    photo = torch.fft.rfft2(windows).permute(0, 2, 3, 1)[..., None]
    theirs = (signal @ transfer.mH @ torch.linalg.solve(seen, photo))[..., 0].permute(0, 3, 1, 2)
    away = torch.ones(40, 25, dtype=torch.bool)
    away[0, 0] = False
    torch.testing.assert_close(ours[..., away], theirs[..., away], rtol=2e-3, atol=2e-3)


def test_a_learned_prior_restores_better_than_the_law(prior: ScenePrior) -> None:
    sharp = linear_scene(5)
    photo = photo_of(sharp)
    by_law, by_prior = (restore_frame(photo, varying_lens(), SIGMA, DeblurSettings(), prior=one) for one in (None, prior))
    assert psnr(by_prior, sharp) > psnr(by_law, sharp) + 1


def test_colours_that_the_prior_does_not_expect_are_not_turned_grey(prior: ScenePrior) -> None:
    sharp = linear_scene(5)
    sharp[1:] = 0.3
    photo = photo_of(sharp)
    restored = restore_frame(photo, varying_lens(), SIGMA, DeblurSettings(), prior=prior)
    assert psnr(restored, sharp) > psnr(photo, sharp)
    torch.testing.assert_close(restored[1:, 20:-20, 20:-20].mean(), torch.tensor(0.3), atol=0.003, rtol=0)


def test_a_flat_photo_stays_flat_and_strength_sharpens(prior: ScenePrior) -> None:
    flat = torch.tensor([0.2, 0.5, 0.9]).view(3, 1, 1).expand(3, 150, 200).contiguous()
    torch.testing.assert_close(restore_frame(flat, varying_lens(), SIGMA, DeblurSettings(), prior=prior), flat, atol=1e-4, rtol=0)
    photo = photo_of(linear_scene(5))
    results = [restore_frame(photo, varying_lens(), SIGMA, DeblurSettings(strength=s), prior=prior) for s in (0.2, 1.0, 5.0)]
    edges = [float(result.diff(dim=-1).abs().mean()) for result in results]
    assert edges == sorted(edges)


def test_tiny_photos_are_restored_too(prior: ScenePrior) -> None:
    for height, width in ((1, 1), (3, 70)):
        restored = restore_frame(torch.rand(3, height, width), varying_lens(), SIGMA, DeblurSettings(), prior=prior)
        assert restored.isfinite().all()
