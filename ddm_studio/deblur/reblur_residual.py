"""An honesty check that needs no truth: the restored photo, blurred again by the lens, against the photo itself.

A right result leaves nothing but the photo's noise: a ratio of about 1. Far above 1 the result has added or lost something (ringing,
invented detail, a wrong grid) or the photo is noisier than those of the calibration; far below 1 noise was taken for detail. Clipped
pixels are left out, since of them the photo tells only a bound, and so is a kernel's radius at the borders of what was restored.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ddm_studio.deblur.light import LINEAR_LIGHT, DisplayCurve
from ddm_studio.deblur.tiles import Box
from ddm_studio.optics.forward_model import blur_part

# Places along each side and their size: a million pixels at most, spread evenly, tell the ratio to a part in a thousand, and take a
# second where the whole of a 24-megapixel photo takes half a minute.
PLACES = 8
SIDE = 128
SMALLEST_SIGMA = 1e-3
# Noise, and not the scene, decides whether a pixel within so many standard deviations of the ends was clipped.
NOISE_MARGIN = 3.0


def reblur_residual(
    restored: Tensor, linear: Tensor, psf: Tensor, sigma: Tensor, box: Box, curve: DisplayCurve = LINEAR_LIGHT
) -> float | None:
    """Root mean square of (blurred again - photo) / noise over pixels that are not clipped, display-encoded.

    Args:
        restored: (3, h, w) the restored part, in the values in which the kernels act.
        linear: (3, H, W) the whole photo, alike.
        psf: (R, C, 3, k, k) grid of the whole photo.
        sigma: (3,) noise level per channel, display-encoded.
        box: Where `restored` lies in the photo.
        curve: From those values to display-encoded ones.

    Returns:
        The ratio; None where the part is smaller than the kernel, or all of it is clipped.
    """
    reach = psf.shape[-1] // 2
    _, height, width = linear.shape
    down, across = torch.linspace(0, 1, height), torch.linspace(0, 1, width)
    noise = sigma.clamp_min(SMALLEST_SIGMA).view(3, 1, 1).to(linear)
    squares, count = 0.0, 0
    for rows in _stretches(box.height, reach):
        for columns in _stretches(box.width, reach):
            in_photo = slice(box.top + rows.start, box.top + rows.stop), slice(box.left + columns.start, box.left + columns.stop)
            photo = curve.encode(linear[:, *in_photo])
            padded = restored[:, rows.start - reach : rows.stop + reach, columns.start - reach : columns.stop + reach]
            again = curve.encode(blur_part(padded, psf, down[in_photo[0]], across[in_photo[1]]))
            usable = (photo > NOISE_MARGIN * noise) & (photo < 1 - NOISE_MARGIN * noise)
            squares += float(((again - photo) / noise)[usable].double().square().sum())
            count += int(usable.sum())
    return (squares / count) ** 0.5 if count else None


def _stretches(extent: int, reach: int) -> list[slice]:
    """Stretches of `SIDE` px spread evenly between the borders, or all there is where they would meet."""
    inside = extent - 2 * reach
    if inside <= PLACES * SIDE:
        return [slice(reach, extent - reach)] if inside > 0 else []
    starts = torch.linspace(reach, extent - reach - SIDE, PLACES).long().tolist()
    return [slice(start, start + SIDE) for start in starts]
