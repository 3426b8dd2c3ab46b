"""The table of features tells the truth: each page, command and test that it names is there."""

import re

import pytest

from explorer.cli import parser
from explorer.places import CHECKOUT as ROOT

TABLE = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and "tests/" in line]


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_what_a_row_names_is_there(row):
    _, _, page, command, test, _ = (cell.strip() for cell in row.split("|"))
    navigation = (ROOT / "explorer" / "ui" / "navigation.py").read_text(encoding="utf-8")
    for address in re.findall(r"\]\(/([^)]*)\)", page):
        assert f'url_path="{address}"' in navigation
    known = parser().commands
    for name in re.findall(r"`([a-z-]+)`", command):
        assert name in known
    assert (ROOT / test).is_file()


def test_every_row_has_a_page_or_a_command():
    assert len(ROWS) >= 40
    assert all(row.split("|")[2].strip() or row.split("|")[3].strip() for row in ROWS)
