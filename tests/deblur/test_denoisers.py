import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ddm_studio.deblur.denoisers import (
    COMPILE_VARIABLE,
    bundled_weights,
    compiling_wanted,
    load_denoiser,
    read_narrow_drunet,
    read_published,
)
from ddm_studio.deblur.mixed_precision import MixedPrecisionDrunet
from ddm_studio.errors import WeightsError
from ddm_studio.optics.dead_leaves import dead_leaves


class RunsCode:
    """What a malicious file of weights holds."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return (print, ("code ran",))


def test_the_bundled_denoiser_takes_noise_away() -> None:
    clean = torch.from_numpy(dead_leaves(96, 96, 11)).permute(2, 0, 1)[None]
    denoise = load_denoiser("bundled", torch.device("cpu"))
    for sigma in (0.05, 0.1, 0.2):
        noisy = clean + sigma * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
        error = (denoise(noisy, torch.tensor(sigma)) - clean).square().mean().sqrt()
        assert error < 0.8 * sigma


def test_the_bundled_denoiser_leaves_flat_colours_as_they_are() -> None:
    flat = torch.tensor([0.2, 0.5, 0.9]).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    denoise = load_denoiser("bundled", torch.device("cpu"))
    assert (denoise(flat, torch.tensor(0.02)) - flat)[..., 8:-8, 8:-8].abs().max() < 0.04


def test_the_bundled_file_is_small_and_says_what_it_is() -> None:
    assert bundled_weights().stat().st_size <= 8 * 2**20
    with safe_open(bundled_weights(), "pt") as file:
        assert {"architecture", "training", "licence"} <= file.metadata().keys()


def test_fast_arithmetic_does_not_show_in_pictures_of_little_noise() -> None:
    drunet = read_narrow_drunet(bundled_weights()).eval()
    noisy = torch.from_numpy(dead_leaves(64, 96, 12)).permute(2, 0, 1)[None]
    for sigma in (0.002, 0.02, 0.2):
        with torch.no_grad():
            exact = drunet(noisy, torch.tensor(sigma))
            quick = MixedPrecisionDrunet(drunet, torch.bfloat16)(noisy, torch.tensor(sigma))
        # Of the noise's power a hundredth; at 0.002 the whole network in bfloat16 would add four tenths.
        assert (quick - exact).square().mean().sqrt() < 0.1 * sigma


def test_in_single_precision_the_network_is_deepinvs() -> None:
    drunet = read_narrow_drunet(bundled_weights()).eval()
    noisy = torch.rand(2, 3, 64, 40, generator=torch.Generator().manual_seed(0))
    for level in (torch.tensor(0.1), torch.tensor([0.02, 0.2]).view(2, 1, 1, 1)):
        with torch.no_grad():
            torch.testing.assert_close(MixedPrecisionDrunet(drunet, torch.float32)(noisy, level), drunet(noisy, level), atol=1e-5, rtol=0)


def test_a_damaged_file_is_told_as_such(tmp_path: Path) -> None:
    damaged = tmp_path / "denoiser.safetensors"
    damaged.write_bytes(bundled_weights().read_bytes()[:100_000])
    with pytest.raises(WeightsError, match=r"denoiser\.safetensors cannot be read"):
        read_narrow_drunet(damaged)
    save_file({"weight": torch.zeros(1)}, damaged, {"architecture": '{"nc": [8, 8, 8, 8], "nb": 1}'})
    with pytest.raises(WeightsError, match=r"denoiser\.safetensors cannot be read"):
        read_narrow_drunet(damaged)


def test_published_weights_are_read_as_data_and_code_in_them_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save({"weight": torch.ones(2)}, path)
    assert torch.equal(read_published(path)["weight"], torch.ones(2))
    path.write_bytes(pickle.dumps(RunsCode(), protocol=2))
    with pytest.raises(WeightsError, match=r"net\.pth cannot be read"):
        read_published(path)


@torch.no_grad()
def test_the_denoiser_can_be_compiled_in_one_piece() -> None:
    network = MixedPrecisionDrunet(read_narrow_drunet(bundled_weights()).eval(), torch.float32)
    images, level = torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0)), torch.tensor(0.05)
    # Traced, but not translated: that would need a compiler here.
    traced = torch.compile(network, backend="eager", fullgraph=True)
    torch.testing.assert_close(traced(images, level), network(images, level))


def test_nothing_is_compiled_on_a_cpu_nor_unasked(monkeypatch) -> None:
    monkeypatch.setenv(COMPILE_VARIABLE, "1")
    assert not compiling_wanted(torch.device("cpu"))
    assert compiling_wanted(torch.device("cuda"))
    monkeypatch.delenv(COMPILE_VARIABLE)
    assert not compiling_wanted(torch.device("cuda"))
