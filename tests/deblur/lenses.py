"""Small known lenses and stand-in denoisers for the tests of deblurring."""

import torch
from torch import Tensor, nn

from ddm_studio.deblur.denoisers import Denoiser


def gaussian_kernel(size: int, down: float, across: float, shift: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    place = torch.arange(size) - size // 2
    kernel = torch.exp(-0.5 * ((place - shift[0]) / down) ** 2)[:, None] * torch.exp(-0.5 * ((place - shift[1]) / across) ** 2)
    return kernel / kernel.sum()


def varying_lens(rows: int = 3, columns: int = 4, size: int = 9) -> Tensor:
    """Blur that grows to the right and down, with shifted colours: (rows, columns, 3, size, size)."""
    grid = torch.empty(rows, columns, 3, size, size)
    for row in range(rows):
        for column in range(columns):
            for channel in range(3):
                width = 0.8 + 0.15 * column + 0.1 * channel
                grid[row, column, channel] = gaussian_kernel(size, width, 0.8 + 0.2 * row, (0.3 * (channel - 1), 0.0))
    return grid


class LocalMean(nn.Module):
    """Mixes each pixel with its neighbours, the more the higher the level: linear, constants pass, no training."""

    def forward(self, images: Tensor, level: Tensor) -> Tensor:
        smooth = nn.functional.avg_pool2d(nn.functional.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
        return images + 0.5 * level * (smooth - images)


class Overflowing(nn.Module):
    """A network that has gone wrong."""

    def forward(self, images: Tensor, level: Tensor) -> Tensor:
        return images * float("nan")


def stand_in(network: nn.Module | None = None) -> Denoiser:
    return Denoiser(network or LocalMean(), torch.device("cpu"))
