"""Where labels stand, on points whose best sides one sees."""

import numpy as np
import pytest

from explorer.embeddings.label_sides import SIDES, label_sides

CORNERS = [[0.0, 0.0], [1.0, 1.0]]  # which say how large the picture is, and have no labels


def test_a_label_with_room_stands_to_the_right():
    points = np.array([[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]])
    assert label_sides(points, ["a", "b", "c"], square=False) == ["middle right"] * 3


@pytest.mark.parametrize(("beside", "side"), [(0.02, "middle left"), (-0.02, "middle right")])
def test_a_label_covers_no_point_where_it_need_not(beside, side):
    points = np.array([*CORNERS, [0.5, 0.5], [0.5 + beside, 0.5]])
    assert label_sides(points, ["", "", "word", ""], square=False)[2] == side


def test_a_label_goes_where_the_labels_before_it_are_not():
    points = np.array([*CORNERS, [0.45, 0.5], [0.55, 0.51]])
    first, second = label_sides(points, ["", "", "a long word", "another"], square=False)[2:]
    assert (first, second) == ("middle left", "middle right")


def test_a_label_stays_within_the_picture():
    points = np.array([[0.0, 0.0], [0.5, 1.0], [1.0, 0.5], [0.985, 0.5]])  # where its left covers a point
    assert label_sides(points, ["", "", "airliners", ""], square=False)[2] != "middle right"
    assert label_sides(points, ["", "", "air", ""], square=False)[2] == "middle right"


def test_y_grows_upwards():
    points = np.array([*CORNERS, [0.5, 0.5], [0.47, 0.5], [0.53, 0.5], [0.5, 0.53]])  # left, right and above are taken
    assert label_sides(points, ["", "", "word", "", "", ""], square=False)[2] == "bottom center"


def test_axes_of_one_scale_bring_flat_points_together():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.002], [0.52, 0.0]])
    sides = [label_sides(points, ["", "", "word", ""], square)[2] for square in (False, True)]
    assert sides == ["middle right", "middle left"]


def test_points_of_one_place_and_one_point_have_sides_too():
    sides = label_sides(np.zeros((9, 2)), ["word"] * 9, square=True)
    assert len(set(sides[:8])) > 4
    assert set(sides) <= set(SIDES)
    assert label_sides(np.zeros((1, 2)), ["word"], square=False) == ["middle right"]
