import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lenses import varying_lens
from safetensors import safe_open
from safetensors.torch import save_file

from ddm_studio.deblur.restorer import RestorerNetwork
from ddm_studio.deblur.restorer_file import FORMAT_VERSION, RestorerFacts, lens_digest, load_restorer, load_restorer_facts, save_restorer
from ddm_studio.errors import WeightsError

CPU = torch.device("cpu")
SIGMA = np.full(3, 0.01, np.float32)
DIGEST = lens_digest(varying_lens().numpy(), SIGMA, "linear")
FACTS = RestorerFacts(steps=7, seconds=3.5, sharp_photos=9, held_out_photos=1, scores={"psnr_network": 31.5}, settings={"batch": 2})


def network() -> RestorerNetwork:
    return RestorerNetwork((8, 8, 16, 16), 1, CPU)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_restorer(tmp_path / "restorer.safetensors", network(), DIGEST, FACTS)
    return tmp_path / "restorer.safetensors"


def rewritten(path: Path, tensors: dict[str, torch.Tensor] | None = None, **changes: Any) -> Path:
    """The same file with other keys of the header, or other tensors."""
    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()["lens_restorer"])
        own = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a mapping)
    save_file({**own, **(tensors or {})}, path, {"lens_restorer": json.dumps({**header, **changes})})
    return path


@torch.no_grad()
def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    before, inputs = network(), torch.rand(1, 9, 32, 32)
    save_restorer(tmp_path / "r.safetensors", before, DIGEST, FACTS)
    after = load_restorer(tmp_path / "r.safetensors", DIGEST, CPU).network
    torch.testing.assert_close(after(inputs), before(inputs))
    assert not any(parameter.requires_grad for parameter in after.parameters())
    assert load_restorer_facts(tmp_path / "r.safetensors", DIGEST) == FACTS


@pytest.mark.parametrize("what", ["kernels", "noise", "light"])
def test_a_network_of_another_lens_is_refused(path: Path, what: str) -> None:
    psf = varying_lens().numpy().copy()
    if what == "kernels":
        psf[0, 0, 0, 0, 0] += 1e-4
    other = lens_digest(psf, SIGMA * (2 if what == "noise" else 1), "encoded" if what == "light" else "linear")
    with pytest.raises(WeightsError, match=r"does not fit the lens profile.*train-restorer"):
        load_restorer(path, other, CPU)
    with pytest.raises(WeightsError, match="does not fit"):
        load_restorer_facts(path, other)


@pytest.mark.parametrize(
    ("version", "words"), [(FORMAT_VERSION + 1, "newer DDM Studio.*Update"), (FORMAT_VERSION - 1, "older DDM Studio.*Train it again")]
)
def test_other_versions_are_refused_with_what_to_do(path: Path, version: int, words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        load_restorer(rewritten(path, format_version=version), DIGEST, CPU)


def test_a_missing_network_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"There is no network .*train-restorer"):
        load_restorer(tmp_path / "none.safetensors", DIGEST, CPU)


def test_damage_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"\x80\x04K\x01.", b"{}" * 100):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="no lens's network, or a damaged one"):
            load_restorer(path, DIGEST, CPU)


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": {"widths": [8, 8, 16], "blocks": 1}},
        {"architecture": {"widths": [8, 8, 16, 32], "blocks": 1}},
        {"architecture": {"widths": [8, 8, 16, 16], "blocks": 1, "inputs": 4}},
        {"architecture": None},
        {"format_version": "1"},
        {"tensors": {"unet.drunet.m_tail.weight": torch.full((3, 8, 3, 3), float("nan"))}},
    ],
)
def test_a_header_or_weights_that_make_no_network_are_refused(path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match="no lens's network, or a damaged one"):
        load_restorer(rewritten(path, **changes), DIGEST, CPU)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    save_file({"psf": torch.zeros(1)}, tmp_path / "x.safetensors", {"lens_profile": "{}"})
    with pytest.raises(WeightsError, match="no lens's network"):
        load_restorer(tmp_path / "x.safetensors", DIGEST, CPU)
