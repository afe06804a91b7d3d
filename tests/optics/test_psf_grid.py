"""A grid has one orientation, everywhere."""

import pytest
import torch

from ddm_studio.optics.psf_grid import interpolation_weights, kernels_at, node_centres, normalise

ROWS, COLUMNS, SIZE = 3, 4, 5


def marked_grid() -> torch.Tensor:
    """Every node and channel has all its light in one tap of its own: nothing can be transposed or flipped unseen."""
    grid = torch.zeros(ROWS, COLUMNS, 3, SIZE, SIZE)
    for row in range(ROWS):
        for column in range(COLUMNS):
            for channel in range(3):
                grid[row, column, channel, row, column + channel % 2] = 1
    return grid


@pytest.mark.parametrize("row", range(ROWS))
@pytest.mark.parametrize("column", range(COLUMNS))
def test_a_node_lies_where_the_convention_says(row: int, column: int) -> None:
    place = torch.tensor([[row / (ROWS - 1), column / (COLUMNS - 1)]])
    assert torch.allclose(kernels_at(marked_grid(), place)[0], marked_grid()[row, column], atol=1e-5)


def test_between_two_nodes_each_counts_by_its_nearness() -> None:
    place = torch.tensor([[0.5, 0.25 / (COLUMNS - 1)]])
    expected = 0.75 * marked_grid()[1, 0] + 0.25 * marked_grid()[1, 1]
    assert torch.allclose(kernels_at(marked_grid(), place)[0], expected, atol=1e-6)


def test_weights_sum_to_one_and_a_single_node_holds_everywhere() -> None:
    places = torch.rand(50, 2, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(interpolation_weights(places, ROWS, COLUMNS).sum(1), torch.ones(50), atol=1e-6)
    assert torch.equal(interpolation_weights(places, 1, 1), torch.ones(50, 1))


def test_a_grid_of_another_shape_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"\(rows, columns, 3, k, k\) with k odd, got \(2, 2, 3, 4, 4\)"):
        kernels_at(torch.zeros(2, 2, 3, 4, 4), torch.zeros(1, 2))


def test_normalised_kernels_are_positive_and_sum_to_one() -> None:
    grid = normalise(torch.randn(2, 2, 3, 7, 7, generator=torch.Generator().manual_seed(1)))
    assert (grid >= 0).all()
    assert torch.allclose(grid.sum((-1, -2)), torch.ones(2, 2, 3), atol=1e-6)


def test_the_centre_of_a_node_moves_with_it_and_ignores_a_faint_tail() -> None:
    node = torch.zeros(3, 11, 11)
    node[:, 5, 7] = 1.0
    assert torch.allclose(node_centres(node), torch.tensor([0.0, 2.0]))
    with_tail = node + 0.002
    assert (node_centres(with_tail) - node_centres(node)).abs().max() < 0.01
