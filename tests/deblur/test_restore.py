import pytest
import torch
from lenses import Overflowing, stand_in, varying_lens
from tiny_pairs import untrained

from ddm_studio.control import Cancelled
from ddm_studio.deblur.denoisers import load_denoiser
from ddm_studio.deblur.light import ENCODED_VALUES
from ddm_studio.deblur.restore import TileBounds, Watch, WholeFrame, restore_frame, restore_rows
from ddm_studio.deblur.restorer import Restorer
from ddm_studio.deblur.tiles import Box, plan_tiles
from ddm_studio.errors import StudioError
from ddm_studio.optics.dead_leaves import dead_leaves
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.optics.forward_model import blur_frame
from ddm_studio.settings import DeblurSettings, Method

METHODS = list(Method)
SIGMA = torch.full((3,), 0.01)


def run(frame: torch.Tensor, method: Method, region: Box | None = None, watch: Watch | None = None, strength: float = 1.0) -> torch.Tensor:
    settings = DeblurSettings(method=method, strength=strength)
    network = Restorer(untrained()) if method is Method.NETWORK else None
    bounds = TileBounds(largest=128)
    return restore_frame(frame, varying_lens(), SIGMA, settings, stand_in(), watch, region, bounds=bounds, restorer=network)


def scene(height: int = 150, width: int = 200) -> torch.Tensor:
    return torch.from_numpy(dead_leaves(height, width, 5)).permute(2, 0, 1).contiguous()


def blurred(sharp: torch.Tensor) -> torch.Tensor:
    noise = torch.randn(sharp.shape, generator=torch.Generator().manual_seed(0))
    return decode(encode(blur_frame(decode(sharp), varying_lens())) + 0.01 * noise)


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(-10 * (one.clamp(0, 1) - other)[:, 9:-9, 9:-9].square().mean().log10())


@pytest.mark.parametrize("method", [Method.WIENER, Method.DPIR])
def test_a_flat_photo_stays_flat(method: Method) -> None:
    frame = torch.tensor([0.2, 0.5, 0.9]).view(3, 1, 1).expand(3, 150, 200).contiguous()
    torch.testing.assert_close(run(frame, method), frame, atol=1e-4, rtol=0)


@pytest.mark.parametrize("method", METHODS)
def test_a_crop_restored_alone_equals_the_whole_at_its_place(method: Method) -> None:
    frame = blurred(scene(220, 260))
    box = Box(left=70, top=90, width=120, height=40)
    whole, part = run(frame, method), run(frame, method, box)
    # In bfloat16 the last bits of a sum decide how an addend is rounded, and other tiles beside it change them: a tenth of a grey level.
    rounding = 5e-4 if method is Method.NETWORK else 1e-5
    torch.testing.assert_close(part, whole[:, 90:130, 70:190], atol=rounding, rtol=0)


@pytest.mark.parametrize("method", METHODS)
def test_the_result_is_closer_to_the_truth(method: Method) -> None:
    sharp = scene()
    frame = blurred(sharp)
    before = psnr(encode(frame), sharp)
    denoiser = load_denoiser("bundled", torch.device("cpu"))
    restored = restore_frame(frame, varying_lens(), SIGMA, DeblurSettings(method=method), denoiser, restorer=Restorer(untrained()))
    after = psnr(encode(restored), sharp)
    # The lens's network, not yet trained, is a filter and the bundled denoiser.
    assert after > before + 1


def test_methods_with_a_denoiser_are_well_above_wiener() -> None:
    sharp = scene()
    frame, denoiser = blurred(sharp), load_denoiser("bundled", torch.device("cpu"))

    def score(method: Method) -> float:
        return psnr(encode(restore_frame(frame, varying_lens(), SIGMA, DeblurSettings(method=method), denoiser)), sharp)

    assert min(score(Method.DPIR), score(Method.DIFFPIR)) > score(Method.WIENER) + 1.5


def test_a_kernel_that_changes_within_the_frame_is_followed() -> None:
    sharp = scene()
    frame = blurred(sharp)
    followed = psnr(encode(run(frame, Method.WIENER)), sharp)
    lens = varying_lens().mean((0, 1), keepdim=True)
    fixed = psnr(encode(restore_frame(frame, lens, SIGMA, DeblurSettings())), sharp)
    assert followed > fixed + 0.3


def test_strength_sharpens() -> None:
    frame = blurred(scene())
    edges = [float(run(frame, Method.WIENER, strength=strength).diff(dim=-1).abs().mean()) for strength in (0.2, 1.0, 5.0)]
    assert edges == sorted(edges)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 70), (47, 61), (131, 33)])
def test_any_pixel_count_comes_back_as_it_was(height: int, width: int) -> None:
    frame = torch.rand(3, height, width, generator=torch.Generator().manual_seed(0))
    restored = run(frame, Method.WIENER)
    assert restored.shape == frame.shape
    assert restored.isfinite().all()
    assert restored.min() >= 0


def test_kernels_of_encoded_values_are_applied_to_encoded_values() -> None:
    sharp = scene()
    frame = blur_frame(sharp, varying_lens())
    restored = restore_frame(frame, varying_lens(), torch.full((3,), 0.002), DeblurSettings(), curve=ENCODED_VALUES)
    assert psnr(restored, sharp) > psnr(frame, sharp) + 4


def test_progress_reaches_the_announced_total_and_pictures_come_when_wanted() -> None:
    steps: list[tuple[int, int]] = []
    pictures: list[torch.Tensor] = []
    frame = blurred(scene())
    box = Box(20, 20, 100, 90)
    run(frame, Method.DPIR, box, Watch(lambda *at: steps.append(at), lambda: True, pictures.append))
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1][0] == steps[-1][1]
    assert len(pictures) == len(steps)
    assert all(picture.shape == (3, 90, 100) for picture in pictures)


def test_stopping_leaves_at_the_next_step() -> None:
    steps: list[int] = []

    def stop_at_three(done: int, total: int) -> None:
        steps.append(done)
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(blurred(scene()), Method.DPIR, watch=Watch(step=stop_at_three))
    assert steps == [1, 2, 3]


def test_noise_said_to_be_zero_does_not_overflow() -> None:
    for method in METHODS:
        restored = restore_frame(
            blurred(scene(60, 80)),
            varying_lens(),
            torch.zeros(3),
            DeblurSettings(method=method),
            stand_in(),
            restorer=Restorer(untrained()),
        )
        assert restored.isfinite().all()


def test_overflow_is_an_error_with_the_place() -> None:
    with pytest.raises(StudioError, match=r"overflowed near row 0, column 0.*Wiener"):
        restore_frame(scene(), varying_lens(), SIGMA, DeblurSettings(method=Method.DPIR), stand_in(Overflowing()))


class Ledger(WholeFrame):
    """A frame that notes how many rows were asked for at once, and in all."""

    def __init__(self, linear: torch.Tensor) -> None:
        super().__init__(linear)
        self.asked: list[int] = []

    def rows(self, top: int, bottom: int) -> torch.Tensor:
        self.asked.append(bottom - top)
        return super().rows(top, bottom)


def test_of_a_frame_only_a_strip_of_tiles_is_read_and_given_out_at_once() -> None:
    frame = blurred(scene(400, 90))
    ledger = Ledger(frame)
    bounds = TileBounds(largest=128)
    strips = plan_tiles(400, 90, varying_lens(), 128).down
    bands = list(restore_rows(ledger, varying_lens(), SIGMA, DeblurSettings(), bounds=bounds))
    assert len(bands) == len(ledger.asked) == len(strips) > 3
    assert max(ledger.asked) <= 128
    assert max(band.shape[1] for band in bands) <= 128
    torch.testing.assert_close(torch.cat(bands, 1), restore_frame(frame, varying_lens(), SIGMA, DeblurSettings(), bounds=bounds))


def test_wrong_shapes_are_refused_at_the_door() -> None:
    with pytest.raises(ValueError, match=r"\(3, height, width\), got \(150, 200, 3\)"):
        restore_frame(scene().permute(1, 2, 0), varying_lens(), SIGMA, DeblurSettings())
    with pytest.raises(ValueError, match="needs a denoiser"):
        restore_frame(scene(), varying_lens(), SIGMA, DeblurSettings(method=Method.DPIR))
    with pytest.raises(ValueError, match="needs the network of the lens"):
        restore_frame(scene(), varying_lens(), SIGMA, DeblurSettings(method=Method.NETWORK), stand_in())
