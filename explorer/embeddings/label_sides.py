"""On which side of its point a label stands, so that labels cover few points and little of one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.embeddings.embedding import Array

SIDES = tuple(
    "middle right,middle left,top center,bottom center,top right,top left,bottom right,bottom left".split(",")
)
_UNLABELLED = "top center"

# In pixels, about as on the screen.
LARGE, SMALL = (580, 500), (300, 350)  # areas that points extend over: on a page of their own, and beside a list
_LETTER, _LINE = 7, 16  # width of a letter, height of a line
_GAP = 7  # from a point to its label
_TOP = {"top": -22, "middle": -8, "bottom": 6}  # from a point down to the upper end of its label
_POINT = 4  # the radius of a point
_EDGE = (44, 24)  # from the outermost points to the end of the picture
_COVERED = 60  # what a covered point costs, in square pixels of covered labels
_CUT = 64  # what a pixel costs by which a label sticks out of the picture


def label_sides(points: Array, labels: Sequence[str], square: bool, area: tuple[int, int] = LARGE) -> list[str]:
    """The one of SIDES for the label of each of the points (n, 2), y upwards; a label may be empty.

    One after the other takes the side on which it stays within the picture, covers the fewest points and the least of
    the labels before it.
    `square` is for axes of one scale; the `area` is in pixels.
    """
    scale = area / np.maximum(np.ptp(points, axis=0), 1e-9)
    at = (points - points.min(axis=0)) * (scale.min() if square else scale) * (1, -1)  # (n, 2), y downwards
    free = (area - np.ptp(at, axis=0)) / 2 + _EDGE  # the picture around the points, which lie in its middle
    left_top, right_bottom = at.min(axis=0) - free, at.max(axis=0) + free
    boxes, sides = np.empty((0, 4)), []  # left, top, right, bottom
    for place, label in zip(at, labels, strict=True):
        if not label:
            sides.append(_UNLABELLED)
            continue
        width = _LETTER * len(label)
        left = {"left": -width - _GAP, "center": -width / 2, "right": _GAP}
        corners = place + [(left[across], _TOP[upright]) for upright, across in map(str.split, SIDES)]  # (8, 2)
        candidates = np.hstack([corners, corners + np.array([width, _LINE])])  # (8, 4)
        low, high = candidates[:, None, :2], candidates[:, None, 2:]
        dots = ((at > low - _POINT) & (at < high + _POINT)).all(axis=2).sum(axis=1)  # (8,)
        shared = np.minimum(boxes[:, 2:], high) - np.maximum(boxes[:, :2], low)  # (8, boxes, 2)
        out = np.maximum(left_top - low[:, 0], 0) + np.maximum(high[:, 0] - right_bottom, 0)  # (8, 2)
        costs = np.maximum(shared, 0).prod(axis=2).sum(axis=1) + _COVERED * dots + _CUT * out.sum(axis=1)  # (8,)
        best = int(np.argmin(costs))
        boxes = np.vstack([boxes, candidates[best]])
        sides.append(SIDES[best])
    return sides
