"""What is made from the declarations is up to date."""

import pytest

from explorer.cli import parser
from tools.reference import ROOT, files

FILES = files()


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(ROOT).as_posix() for path in FILES])
def test_the_reference_is_up_to_date(path):
    assert path.read_text(encoding="utf-8") == FILES[path], "run `python -m tools.reference`"


def test_every_command_and_every_option_of_it_stands_in_the_reference():
    text = FILES[ROOT / "docs" / "reference" / "command-line.md"]
    parts = {part.partition("\n")[0]: part for part in text.split("## explorer ")}
    assert parser().commands.keys() <= parts.keys()
    for option in ("--new", "--check", "--outline", "--handout", "--network", "--out"):
        assert f"`{option}`" in parts["talk"], option
    assert "`--out`" in parts["lesson"]
