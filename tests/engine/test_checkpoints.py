"""A snapshot comes back bit for bit, and a damaged one says how to go on."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ddm_studio.engine.checkpoints import load_facts, load_snapshot, save_snapshot
from ddm_studio.errors import InputError
from ddm_studio.snapshot import Snapshot


@pytest.fixture
def snapshot():
    generator = torch.Generator().manual_seed(0)
    return Snapshot(
        120,
        {
            "weights": torch.randn(3, 4, generator=generator),
            "turned": torch.randn(3, 4, generator=generator).T,
            "half": torch.randn(5, generator=generator).half(),
            "double": torch.tensor(0.1, dtype=torch.float64),
            "counts": torch.arange(3),
            "special": torch.tensor([float("nan"), float("inf"), -0.0]),
            "empty": torch.zeros(0, 2),
        },
    )


def test_it_comes_back_bit_for_bit(snapshot, tmp_path):
    save_snapshot(tmp_path / "flow.safetensors", snapshot)
    back = load_snapshot(tmp_path / "flow.safetensors")
    assert back.step == 120
    assert set(back.tensors) == set(snapshot.tensors)
    for name, tensor in snapshot.tensors.items():
        assert back.tensors[name].dtype == tensor.dtype
        assert back.tensors[name].shape == tensor.shape
        assert back.tensors[name].numpy().tobytes() == tensor.contiguous().numpy().tobytes()


def test_facts_lie_beside_it(snapshot, tmp_path):
    facts = {"stage": "flow", "fingerprint": "ab", "best": {"score": 0.5, "names": ["ä"]}}
    save_snapshot(tmp_path / "flow.safetensors", snapshot, facts)
    assert load_facts(tmp_path / "flow.safetensors") == facts
    save_snapshot(tmp_path / "flow.safetensors", Snapshot(0, {}))
    assert load_facts(tmp_path / "flow.safetensors") == {}
    assert load_snapshot(tmp_path / "flow.safetensors").tensors == {}


def test_a_newer_one_replaces_it_while_the_older_is_in_use(snapshot, tmp_path):
    path = tmp_path / "flow.safetensors"
    save_snapshot(path, snapshot)
    before = load_snapshot(path)
    save_snapshot(path, Snapshot(121, {"weights": torch.zeros(3, 4)}))
    assert torch.equal(before.tensors["weights"], snapshot.tensors["weights"])
    assert load_snapshot(path).step == 121
    assert [item.name for item in tmp_path.iterdir()] == ["flow.safetensors"]


def test_tensors_that_need_gradients_are_saved(tmp_path):
    save_snapshot(tmp_path / "a.safetensors", Snapshot(1, {"w": torch.ones(2, requires_grad=True)}))
    assert not load_snapshot(tmp_path / "a.safetensors").tensors["w"].requires_grad


@pytest.mark.parametrize("keep", [0, 7, 60, 300, -1])
def test_a_cut_file_says_to_start_without_resume(snapshot, tmp_path, keep):
    path = tmp_path / "flow.safetensors"
    save_snapshot(path, snapshot)
    path.write_bytes(path.read_bytes()[:keep])
    for load in (load_snapshot, load_facts):
        with pytest.raises(InputError, match=r"flow\.safetensors cannot be read.*without --resume"):
            load(path)


def test_random_bytes_a_missing_file_and_foreign_tensors_are_refused(tmp_path):
    path = tmp_path / "flow.safetensors"
    with pytest.raises(InputError, match="without --resume"):
        load_snapshot(path)
    path.write_bytes(np.random.default_rng(0).bytes(4000))
    with pytest.raises(InputError, match="without --resume"):
        load_snapshot(path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="missing in its header"):
        load_snapshot(path)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ('{"format": 2, "step": 1, "facts": {}}', "newer DDM Studio"),
        ('{"format": 1, "step": "one", "facts": {}}', "not that of a checkpoint"),
        ("[]", "without --resume"),
        ("{", "without --resume"),
    ],
)
def test_a_foreign_header_is_refused(tmp_path, header, reason):
    save_file({}, tmp_path / "a.safetensors", metadata={"checkpoint": header})
    with pytest.raises(InputError, match=reason):
        load_snapshot(tmp_path / "a.safetensors")
