"""What is made from the declarations is up to date."""

import pytest

from tools.reference import ROOT, files

FILES = files()


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(ROOT).as_posix() for path in FILES])
def test_the_reference_is_up_to_date(path):
    assert path.read_text(encoding="utf-8") == FILES[path], "run `python -m tools.reference`"
