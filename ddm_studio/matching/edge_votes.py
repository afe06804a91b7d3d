"""What windows of two sets of photos say of the edges in them, place by place: votes, their means, and how far apart these are.

A window's vote is its edge asymmetries weighed by smooth modes over the frame, so that the mean vote of a set describes how edges look
all over it. With D the difference of two sets' mean votes and C its covariance their distance is D^T C^-1 D, about a chi square.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.matching.edge_statistics import edge_asymmetry
from ddm_studio.optics.field_modes import field_modes

WINDOW = 40
"""Side of the windows in px."""
MODE_DEGREE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Votes (n, m) of windows and the photo (n,) of each window."""

    votes: Tensor
    photo: NDArray[np.int32]

    def by_photo(self) -> tuple[Tensor, Tensor]:
        """Sums of votes (photos, m) and numbers of windows (photos,)."""
        photos, member = np.unique(self.photo, return_inverse=True)
        sums = torch.zeros(len(photos), self.votes.shape[1], dtype=self.votes.dtype).index_add(0, torch.from_numpy(member), self.votes)
        return sums, torch.from_numpy(np.bincount(member)).to(sums)


def edge_votes(encoded: Tensor, positions: Tensor) -> Tensor:
    """Votes (n, m) of display-encoded windows (n, 3, s, s) at relative positions (n, 2), on the CPU."""
    modes = field_modes(positions, MODE_DEGREE)
    return (edge_asymmetry(encoded)[:, :, None] * modes[:, None]).flatten(1).cpu()


def vote_weight(one: Votes, other: Votes) -> Tensor:
    """(m, m) inverse covariance of the difference of two mean votes, as if windows were independent."""
    covariance = torch.cov(one.votes.T) / len(one.votes) + torch.cov(other.votes.T) / len(other.votes)
    inverse: Tensor = torch.linalg.inv(covariance + 1e-3 * covariance.diagonal().mean() * torch.eye(len(covariance)))
    return inverse


def vote_distance(one: Votes, other: Votes, weight: Tensor) -> float:
    """D^T C^-1 D of two sets of votes for a `vote_weight`."""
    difference = one.votes.mean(0) - other.votes.mean(0)
    return float(difference @ weight @ difference)


def design_effect(*sets: Votes) -> float:
    """By how much the variance of mean votes exceeds that of independent windows, as windows of one photo are alike (Kish 1965)."""
    clustered, independent = torch.zeros(()), torch.zeros(())
    for votes in sets:
        sums, counts = votes.by_photo()
        deviations = sums - counts[:, None] * votes.votes.mean(0)
        photos = len(counts)
        clustered = clustered + deviations.square().sum(0) * photos / max(photos - 1, 1) / len(votes.votes) ** 2
        independent = independent + votes.votes.var(0) / len(votes.votes)
    return max(1.0, float((clustered / independent).mean()))
