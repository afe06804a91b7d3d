"""An honesty check that needs no truth: the restored photo, blurred again by the lens, against the photo itself.

A right result leaves nothing but the photo's noise: a ratio of about 1. Far above 1 the result has added or lost something (ringing,
invented detail, a wrong grid) or the photo is noisier than those of the calibration; far below 1 noise was taken for detail. Clipped
pixels are left out, since of them the photo tells only a bound, and so is a kernel's radius at the borders of what was restored.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.tiles import Box
from ddm_studio.optics.forward_model import blur_part

# Places along each side and their size: half a million pixels at least, spread evenly. They tell noise to a part in a thousand; where a
# result is wrong in few places, other layouts of places told up to half more. They take half a second, all of 24 megapixels five.
PLACES = 8
SIDE = 96
SMALLEST_SIGMA = 1e-3
# Noise, and not the scene, decides whether a pixel within so many standard deviations of the ends was clipped.
NOISE_MARGIN = 3.0


class ReblurCheck:
    """Blurs a result again, band by band as it comes, and compares it with the photo.

    Args:
        psf: (R, C, 3, k, k) grid of the whole photo.
        sigma: (3,) noise level per channel, display-encoded.
        height: Rows of the whole photo.
        width: Its columns.
        curve: From the values in which the kernels act to display-encoded ones.
    """

    def __init__(self, psf: Tensor, sigma: Tensor, height: int, width: int, curve: DisplayCurve = LINEAR_LIGHT) -> None:
        self._psf, self._curve = psf, curve
        self._noise = sigma.clamp_min(SMALLEST_SIGMA).view(3, 1, 1)
        self._down, self._across = torch.linspace(0, 1, height), torch.linspace(0, 1, width)
        self._squares, self._count = 0.0, 0

    def add(self, restored: Tensor, photo_rows: Callable[[int, int], Tensor], top: int, left: int) -> None:
        """A band of the result.

        Args:
            restored: (3, h, w).
            photo_rows: The photo's rows (3, last - first, width) from a first to one before a last, of which few are asked for.
            top: Row of the photo at which the band begins.
            left: Its column.
        """
        reach, noise = self._psf.shape[-1] // 2, self._noise
        for rows in _stretches(restored.shape[1], len(self._down), reach):
            photo = photo_rows(top + rows.start, top + rows.stop)
            for columns in _stretches(restored.shape[2], len(self._across), reach):
                padded = restored[:, rows.start - reach : rows.stop + reach, columns.start - reach : columns.stop + reach]
                places = self._down[top + rows.start : top + rows.stop], self._across[left + columns.start : left + columns.stop]
                again = self._curve.encode(blur_part(padded, self._psf, *places))
                seen = self._curve.encode(photo[:, :, left + columns.start : left + columns.stop])
                usable = (seen > NOISE_MARGIN * noise) & (seen < 1 - NOISE_MARGIN * noise)
                self._squares += float(again.sub_(seen).div_(noise).mul_(usable).square_().sum(dtype=torch.float64))
                self._count += int(usable.sum())

    def ratio(self) -> float | None:
        """Root mean square of (blurred again - photo) / noise; None where there was nothing to compare."""
        return (self._squares / self._count) ** 0.5 if self._count else None


def reblur_residual(
    restored: Tensor, linear: Tensor, psf: Tensor, sigma: Tensor, box: Box, curve: DisplayCurve = LINEAR_LIGHT
) -> float | None:
    """The ratio of a `ReblurCheck` for a part (3, h, w) that is restored as a whole.

    Args:
        restored: (3, h, w), in the values in which the kernels act.
        linear: (3, H, W) the whole photo, alike.
        psf: (R, C, 3, k, k) grid of the whole photo.
        sigma: (3,) noise level per channel, display-encoded.
        box: Where `restored` lies in the photo.
        curve: From those values to display-encoded ones.
    """
    check = ReblurCheck(psf, sigma, linear.shape[1], linear.shape[2], curve)
    check.add(restored, lambda first, last: linear[:, first:last], box.top, box.left)
    return check.ratio()


def _stretches(extent: int, whole: int, reach: int) -> list[slice]:
    """Stretches of `SIDE` px spread evenly between the borders of a band, or all there is where they would meet.

    As many as fall to the band of those of the whole photo, and two at least.
    """
    places = max(2, round(PLACES * extent / whole))
    inside = extent - 2 * reach
    if inside <= places * SIDE:
        return [slice(reach, extent - reach)] if inside > 0 else []
    starts = torch.linspace(reach, extent - reach - SIDE, places).long().tolist()
    return [slice(start, start + SIDE) for start in starts]
