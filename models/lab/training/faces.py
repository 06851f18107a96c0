"""Trains the face detector: boxes and five landmarks, learnt from a teacher's on known pictures.

An anchor-free net on three strides, small and dense, whose outputs are laid out as YuNet's.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from models.lab.training.photographs import Material, Scene
from models.lab.training.runs import Run, average_into, one_cycle, random_source, reduced_precision
from models.lab.training.scenes import SIDE_PX, SceneMaker
from models.lab.training.start import frozen

STRIDES_PX = (8, 16, 32)
_VALUES = 15  # score, box 4, landmarks 10
# Which faces a stride learns, by the square root of their area; both ranges learn what is between.
_RANGES_PX = ((0.0, 64.0), (28.0, 180.0), (90.0, 1e4))
_NEAR_CELLS = 1.3
_MARGIN = 1.5  # just outside its range a face is neither taught nor punished
_EXACT_PX = 40.0  # a smaller face's landmarks count less: what it lacks cannot be learnt
_INPUT_SCALE = 1 / 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The net's widths, and how it is trained; an epoch is a number of steps on new scenes.

    No two parts of the training, numbered by `part`, make the same ones.
    """

    widths: tuple[int, int, int, int, int] = (16, 24, 32, 48, 56)
    neck: int = 32
    epochs: int = 90
    steps: int = 250
    batch: int = 24
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    box_weight: float = 2.0
    landmark_weight: float = 12.0
    part: int = 0


FIRST = Config()
REFINED = Config(epochs=60, learning_rate=6e-4, landmark_weight=60.0, part=1)
"""Once more, with care for the landmarks, when faces are already told from all else."""


def convolution(before: int, after: int, stride: int = 1, *, size: int = 3) -> nn.Sequential:
    """Return a convolution with batch normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, after, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


def separable(before: int, after: int) -> nn.Sequential:
    """Return a 3 x 3 convolution of each channel by itself, then a mixing one."""
    return nn.Sequential(
        nn.Conv2d(before, before, 3, 1, 1, groups=before, bias=False),
        nn.BatchNorm2d(before),
        convolution(before, after, size=1),
    )


class FaceNet(nn.Module):
    """Grey pictures [n, 1, h, w] in 0..255 to [n, cells, 15] for the strides 8, 16 and 32.

    The 15 values are the score's logit, the box (centre in cells from the cell's corner, logarithm
    of the size in strides) and five points in cells from the cell's corner.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        first, second, third, fourth, fifth = config.widths
        neck = config.neck
        self.stem = convolution(1, first, 2)
        self.quarter = convolution(first, second, 2)
        self.stages = nn.ModuleList(
            [
                nn.Sequential(convolution(second, third, 2), convolution(third, third)),
                nn.Sequential(convolution(third, fourth, 2), convolution(fourth, fourth)),
                nn.Sequential(
                    convolution(fourth, fifth, 2), separable(fifth, fifth), separable(fifth, fifth)
                ),
            ]
        )
        self.sides = nn.ModuleList(
            [convolution(width, neck, size=1) for width in (third, fourth, fifth)]
        )
        self.heads = nn.ModuleList(
            [nn.Sequential(convolution(neck, neck), convolution(neck, neck)) for _ in STRIDES_PX]
        )
        self.outputs = nn.ModuleList([nn.Conv2d(neck, _VALUES, 1) for _ in STRIDES_PX])
        for output in self.outputs:
            nn.init.constant_(output.bias[:1], -4.0)  # faces are rare

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return the three strides' values, cells row by row."""
        seen = self.quarter(self.stem(pictures * _INPUT_SCALE))
        levels = []
        for stage, side in zip(self.stages, self.sides, strict=True):
            seen = stage(seen)
            levels.append(side(seen))
        for finer in (1, 0):
            levels[finer] = levels[finer] + functional.interpolate(
                levels[finer + 1], scale_factor=2, mode="nearest"
            )
        values = [
            output(head(level))
            for output, head, level in zip(self.outputs, self.heads, levels, strict=True)
        ]
        return [value.flatten(2).transpose(1, 2) for value in values]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What each cell of one picture shall say; `face` is the index of its face, -1 for none.

    `ignored` cells are neither taught nor punished.
    """

    face: Tensor
    ignored: Tensor


@lru_cache(maxsize=1)
def limits() -> tuple[Tensor, Tensor]:
    """Return the smallest and the largest face [cells, 1] that each cell learns."""
    counts = [(SIDE_PX // stride) ** 2 for stride in STRIDES_PX]
    ranges = torch.repeat_interleave(torch.tensor(_RANGES_PX), torch.tensor(counts), dim=0)
    return ranges[:, :1], ranges[:, 1:]


@lru_cache(maxsize=1)
def grid() -> tuple[Tensor, Tensor]:
    """Return the corner in cells [cells, 2] and the stride [cells, 1] of all cells."""
    corners, strides = [], []
    for stride in STRIDES_PX:
        side = torch.arange(SIDE_PX // stride, dtype=torch.float32)
        y, x = torch.meshgrid(side, side, indexing="ij")
        corners.append(torch.stack([x.flatten(), y.flatten()], dim=1))
        strides.append(torch.full((len(side) ** 2, 1), float(stride)))
    return torch.cat(corners), torch.cat(strides)


def assign(boxes: Tensor, corners: Tensor, strides: Tensor) -> Truth:
    """Return which face of `boxes` [k, 4] each cell learns: one of its size, whose middle is near.

    Where two compete the smaller one wins.
    """
    count = len(corners)
    if not len(boxes):
        return Truth(face=torch.full((count,), -1), ignored=torch.zeros(count, dtype=torch.bool))
    centres = (corners + 0.5) * strides
    sizes = boxes[:, 2:] - boxes[:, :2]
    scale = sizes.prod(1).sqrt()
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    distance = (centres[:, None] - middle).abs()
    near = (distance < _NEAR_CELLS * strides[:, None]).all(2) & (distance < sizes / 2).all(2)
    low, high = limits()
    fits = (scale >= low) & (scale < high)
    nearly = (scale >= low / _MARGIN) & (scale < high * _MARGIN)
    cost = torch.where(near & fits, scale, torch.inf)
    best, face = cost.min(dim=1)
    face = torch.where(best.isinf(), -1, face)
    return Truth(face=face, ignored=(near & nearly).any(1) & (face < 0))


def loss_of(values: Tensor, scenes: Sequence[Scene], config: Config) -> Tensor:
    """Return the loss of values [n, cells, 15]: scores, boxes and landmarks.

    Scores learn the overlap of their own box with the face by the quality focal loss (Li et al.
    2020), boxes the generalised overlap (Rezatofighi et al. 2019), landmarks their distance in
    parts of the face's size, or of _EXACT_PX where that is larger.
    """
    corners, strides = grid()
    quality = torch.zeros(values.shape[:2])
    ignored = torch.zeros(values.shape[:2], dtype=torch.bool)
    found, wanted, points, scales = [], [], [], []
    for index, scene in enumerate(scenes):
        boxes = torch.from_numpy(scene.boxes)
        truth = assign(boxes, corners, strides)
        ignored[index] = truth.ignored
        cells = torch.nonzero(truth.face >= 0)[:, 0]
        if not len(cells):
            continue
        face, value = truth.face[cells], values[index, cells]
        predicted = decode_boxes(value[:, 1:5], corners[cells], strides[cells])
        found.append(predicted)
        wanted.append(boxes[face])
        quality[index, cells] = overlaps(predicted.detach(), boxes[face])[0]
        landmarks = (value[:, 5:].reshape(-1, 5, 2) + corners[cells, None]) * strides[cells, None]
        points.append((landmarks - torch.from_numpy(scene.landmarks)[face]).abs().mean((1, 2)))
        scales.append((boxes[face, 2:] - boxes[face, :2]).prod(1).sqrt())
    score = values[..., 0]
    entropy = functional.binary_cross_entropy_with_logits(score, quality, reduction="none")
    focus = (quality - score.sigmoid()).abs() ** 2
    taught = max(sum(len(part) for part in found), 1)
    loss = (entropy * focus)[~ignored].sum() / taught
    if not found:
        return loss
    generalised = overlaps(torch.cat(found), torch.cat(wanted))[1]
    distance = torch.cat(points) / torch.cat(scales).clamp(min=_EXACT_PX)
    return (
        loss
        + config.box_weight * (1 - generalised).mean()
        + config.landmark_weight * distance.mean()
    )


def decode_boxes(values: Tensor, corners: Tensor, strides: Tensor) -> Tensor:
    """Return left, top, right, bottom: centre = (corner + v0,v1) * s, size = exp(v2,v3) * s."""
    centre = (corners + values[:, :2]) * strides
    half = values[:, 2:].clamp(max=5).exp() * strides / 2
    return torch.cat([centre - half, centre + half], dim=1)


def overlaps(boxes: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Return intersection over union of each pair, and its generalised form."""
    low, high = (
        torch.maximum(boxes[:, :2], others[:, :2]),
        torch.minimum(boxes[:, 2:], others[:, 2:]),
    )
    shared = (high - low).clamp(min=0).prod(1)
    union = sum((b[:, 2:] - b[:, :2]).prod(1) for b in (boxes, others)) - shared
    hull_low = torch.minimum(boxes[:, :2], others[:, :2])
    hull = (torch.maximum(boxes[:, 2:], others[:, 2:]) - hull_low).prod(1)
    ratio = shared / union.clamp(min=1e-6)
    return ratio, ratio - (hull - union) / hull.clamp(min=1e-6)


def train(
    run: Run,
    config: Config,
    material: Material,
    kept: Sequence[Scene],
    start: FaceNet | None = None,
) -> FaceNet:
    """Return the averaged weights after all epochs, going on from the run's checkpoint.

    The weights begin as those of `start`, where it is given; its normalisations then stay.
    """
    model = FaceNet(config).to(memory_format=torch.channels_last)
    if start:
        model.load_state_dict(start.state_dict())
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = one_cycle(optimiser, config.learning_rate, config.epochs * config.steps)
    parts = {"model": model, "average": average, "optimiser": optimiser, "schedule": schedule}
    first = run.resume(parts, config, material, start)
    for epoch in range(first, config.epochs):
        model.train()
        if start:
            frozen(model)
        maker = SceneMaker(material, random_source(run.seed, epoch, config.part))
        losses = []
        for step, scenes in enumerate(_made_ahead(maker, config)):
            loss = loss_of(_values(model, scenes), scenes, config)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimiser.step()
            schedule.step()
            average_into(average, model, epoch * config.steps + step)
            losses.append(loss.item())
        run.log(epoch, loss=float(np.mean(losses)), **_figures(average, kept, config))
        run.save(epoch, parts)
    return average


def _made_ahead(maker: SceneMaker, config: Config) -> Iterable[list[Scene]]:
    """Return an epoch's batches, made by a process of their own: that takes half of the time."""
    return DataLoader(_Batches(maker, config), batch_size=None, num_workers=1, collate_fn=list)


class _Batches(IterableDataset[list[Scene]]):
    def __init__(self, maker: SceneMaker, config: Config) -> None:
        self._maker = maker
        self._config = config

    def __iter__(self) -> Iterator[list[Scene]]:
        for _ in range(self._config.steps):
            yield [self._maker.make() for _ in range(self._config.batch)]


def _values(model: FaceNet, scenes: Sequence[Scene]) -> Tensor:
    pictures = torch.from_numpy(np.stack([scene.image for scene in scenes])[:, None])
    pictures = pictures.float().to(memory_format=torch.channels_last)
    with reduced_precision() if model.training else nullcontext():
        values = model(pictures)
    return torch.cat(values, dim=1).float()


def _figures(model: FaceNet, kept: Sequence[Scene], config: Config) -> dict[str, float]:
    """Return loss, recall of faces from 16 px up, and false cells a scene, at a score of 0.5."""
    corners, strides = grid()
    seen, faces, false = 0, 0, 0
    with torch.no_grad():
        values = torch.cat([_values(model, kept[i : i + 32]) for i in range(0, len(kept), 32)])
        loss = float(loss_of(values, kept, config))
    for value, scene in zip(values, kept, strict=True):
        chosen = value[:, 0].sigmoid() > 0.5
        boxes = decode_boxes(value[chosen, 1:5], corners[chosen], strides[chosen])
        truth = torch.from_numpy(scene.boxes)
        pairs = [overlaps(boxes, face.expand_as(boxes))[0] for face in truth]
        matrix = torch.stack(pairs) if pairs else torch.zeros(0, len(boxes))
        large = truth[:, 2] - truth[:, 0] >= 16
        faces += int(large.sum())
        if len(boxes):
            seen += int((matrix[large] > 0.5).any(1).sum())
            false += len(boxes) if not len(truth) else int((matrix.max(0).values < 0.2).sum())
    return {"kept_loss": loss, "recall": seen / max(faces, 1), "false": false / len(kept)}
