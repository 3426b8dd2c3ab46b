"""The table of features tells the truth, both ways: each page, command and test that it names is there, and each page,
command and question has a row."""

import re

import pytest

from explorer.cli import parser
from explorer.places import CHECKOUT as ROOT
from explorer.questions import QUESTIONS

TABLE = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and "tests/" in line]
PAGES = re.findall(r'title=_\("([^"]+)"\)', (ROOT / "explorer" / "ui" / "navigation.py").read_text(encoding="utf-8"))
COMMANDS = [*parser().commands]


def cells(row):
    """The page, the command and the test of a row."""
    return [cell.strip() for cell in row.split("|")][2:5]


def pages(row):
    return re.findall(r"\*([^*]+)\*", cells(row)[0])


def commands(row):
    return re.findall(r"`([a-z-]+)", cells(row)[1])


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_what_a_row_names_is_there(row):
    assert set(pages(row)) <= {*PAGES}
    assert set(commands(row)) <= {*COMMANDS}
    assert (ROOT / cells(row)[2]).is_file()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_row(name):
    assert any(name in pages(row) for row in ROWS)


@pytest.mark.parametrize("name", dict.fromkeys([*COMMANDS, *QUESTIONS]))
def test_every_command_and_every_question_has_a_row(name):
    assert any(name in commands(row) for row in ROWS)


def test_every_row_has_a_page_or_a_command():
    assert len(ROWS) >= 40
    assert all(cells(row)[0] or cells(row)[1] for row in ROWS)


def test_no_link_leads_nowhere():
    """A path of the app is no link on the page of a repository."""
    assert not re.findall(r"\]\(/", TABLE)
