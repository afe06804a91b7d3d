import pytest
import torch

from ddm_studio.optics.field_modes import field_modes, mode_count, node_positions


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_modes_are_orthonormal_over_the_frame(degree):
    line = (torch.arange(400) + 0.5) / 400
    modes = field_modes(torch.cartesian_prod(line, line), degree)
    assert modes.shape[1] == mode_count(degree)
    assert torch.allclose(modes.T @ modes / len(modes), torch.eye(modes.shape[1]), atol=1e-3)


def test_rows_come_before_columns():
    modes = field_modes(torch.tensor([[1.0, 0.5], [0.5, 1.0]]), 1)
    assert torch.allclose(modes, torch.tensor([[1.0, 0.0, 3**0.5], [1.0, 3**0.5, 0.0]]), atol=1e-6)


def test_nodes_lie_on_corners_and_a_single_one_in_the_middle():
    assert node_positions(2, 3).tolist() == [[0, 0], [0, 0.5], [0, 1], [1, 0], [1, 0.5], [1, 1]]
    assert node_positions(1, 1).tolist() == [[0.5, 0.5]]
