"""Teaches legibility once more, alone, on covered and spoiled faces above all.

A mask leaves the answer certain and takes away what it rests on. In a hall it is rare, so the net
as a whole learns little of it; of what it sees by then, a head of 129 weights learns it quickly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.lab.training.camera import crops, empty_faces, photographed
from models.lab.training.pictures import Pictures

if TYPE_CHECKING:
    from models.lab.training.expression import ExpressionNet

_SPOILED = 0.8
_COVERED = 0.5
_BATCH = 256
_EPOCHS = 20
_LEARNING_RATE = 1e-3


def relearn(
    net: ExpressionNet, collections: Sequence[Pictures], views: Sequence[Tensor], *, seed: int
) -> None:
    """Fit the net's legibility head anew; all else in it stays.

    It learns what it learnt beside the others: how much of the net's view of the clean pictures,
    sentiments [n, 3] for each collection, a spoiled picture still holds; 1 less the total variation
    distance of the two. But each sentiment weighs the same here: who calls every mask neutral is
    mostly right where most are neutral, and has seen nothing.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    net.eval()
    share = torch.cat([view.argmax(1) for view in views]).bincount(minlength=views[0].shape[1])
    weights = share.sum() / (len(share) * share.clamp(min=1))
    with torch.no_grad():
        samples = [
            sample
            for pictures, view in zip(collections, views, strict=True)
            for sample in _samples(net, pictures, view, weights, random)
        ]
    fit_head(net.legibility, *(torch.cat(values) for values in zip(*samples, strict=True)))


def _samples(
    net: ExpressionNet,
    pictures: Pictures,
    view: Tensor,
    weights: Tensor,
    random: np.random.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield features [n, width], what their faces still hold [n], and how much each weighs [n].

    Each picture comes once; `weights` [3] are those of the sentiments.
    """
    order = random.permutation(len(pictures))
    for start in range(0, len(order), _BATCH):
        chosen = order[start : start + _BATCH]
        clean = crops(torch.from_numpy(pictures.squares[chosen]), pictures.zoom, moved=True)
        seen = net.seen(photographed(clean, _SPOILED, covered=_COVERED))
        clear, told = view[torch.from_numpy(chosen)], net.sentiments(seen).softmax(1)
        yield seen, torch.minimum(told, clear).sum(1), weights[clear.argmax(1)]
        nothing = net.seen(empty_faces(max(len(chosen) // 16, 1)))
        yield nothing, torch.zeros(len(nothing)), torch.ones(len(nothing))


def fit_head(head: nn.Linear, seen: Tensor, held: Tensor, weights: Tensor) -> None:
    """Fit `head` to tell how much is held [n] from features [n, width]; each weighs [n]."""
    optimiser = torch.optim.Adam(head.parameters(), lr=_LEARNING_RATE)
    for _ in range(_EPOCHS):
        for chosen in torch.randperm(len(seen)).split(_BATCH):
            logits = head(seen[chosen])[:, 0]
            loss = functional.binary_cross_entropy_with_logits(
                logits, held[chosen], weight=weights[chosen]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
