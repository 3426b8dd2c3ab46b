"""Files to take along: names that every system takes, whatever the word."""

import pytest

from explorer.ui.downloads import file_name


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("airplane", "airplane"),
        ("new york", "new-york"),
        ("café", "café"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\u202eb\0c:d", "a-b-c-d"),
        ("..", "answer"),
        ("\xa0", "answer"),
        ("x" * 500, "x" * 80),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(name, file):
    assert file_name(name) == file
