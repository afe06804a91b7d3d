import torch
from lenses import LocalMean, varying_lens

from ddm_studio.deblur.diffpir import DiffpirSchedule, diffpir_steps, sampling_levels
from ddm_studio.deblur.light import ENCODED_VALUES
from ddm_studio.deblur.noise_field import noise_window
from ddm_studio.deblur.tile_model import TileModel, circularly_blurred
from ddm_studio.optics.display_curve import encode


class Oracle:
    """Knows the truth, and notes the levels and noise that it is shown."""

    def __init__(self, truth: torch.Tensor) -> None:
        self.truth = truth
        self.seen: list[tuple[float, float]] = []

    def __call__(self, images: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        self.seen.append((float(level), float((images - self.truth).std())))
        return self.truth


def photo_of(truth: torch.Tensor) -> TileModel:
    kernels = varying_lens()[0, :1]
    return TileModel.with_one_kernel(circularly_blurred(truth, kernels), kernels)


def noise_at(step: int) -> torch.Tensor:
    return noise_window(0, step, 0, 0, 64, 64)[None]


def test_with_an_oracle_every_level_of_noise_is_as_announced_and_the_result_is_clean() -> None:
    truth = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    oracle = Oracle(truth)
    steps = list(diffpir_steps(photo_of(truth), truth, torch.full((3,), 0.01), oracle, noise_at, DiffpirSchedule(), ENCODED_VALUES))
    assert len(steps) == DiffpirSchedule().steps
    torch.testing.assert_close(steps[-1], truth)
    for announced, found in oracle.seen:
        assert abs(found / announced - 1) < 0.05


def test_highlights_above_white_are_kept() -> None:
    truth = torch.full((1, 3, 64, 64), 1.7)
    *_, result = diffpir_steps(photo_of(truth), truth, torch.full((3,), 0.01), Oracle(encode(truth)), noise_at, DiffpirSchedule())
    torch.testing.assert_close(result, truth)


def test_the_result_depends_on_the_noise_field_only() -> None:
    truth = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    results = []
    for seed_of_everything_else in range(2):
        torch.manual_seed(seed_of_everything_else)
        results.append(list(diffpir_steps(photo_of(truth), truth, torch.full((3,), 0.01), LocalMean(), noise_at, DiffpirSchedule()))[-1])
    assert torch.equal(*results)


def test_levels_stay_within_what_the_denoiser_knows_and_above_the_photos_noise() -> None:
    levels = sampling_levels(DiffpirSchedule(), torch.full((3,), 0.03))
    assert levels[0] <= 0.3
    torch.testing.assert_close(levels[-1], torch.tensor(0.03))


def test_noise_belongs_to_the_pixel_whatever_window_it_is_cut_for() -> None:
    whole = noise_window(3, 1, -150, -20, 400, 330)
    part = noise_window(3, 1, -10, 100, 140, 60)
    assert torch.equal(whole[:, 140:280, 120:180], part)
    assert abs(float(whole.std()) - 1) < 0.02
    assert not torch.equal(part, noise_window(3, 2, -10, 100, 140, 60))
    assert not torch.equal(part, noise_window(4, 1, -10, 100, 140, 60))
