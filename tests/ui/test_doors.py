"""The pictures in the doors of Home are those that the models and the comparison that come along give."""

from tools import doors


def test_each_picture_has_the_numbers_of_what_comes_along():
    assert doors.main(["--check"]) == 0
