"""All pages in one visit, there and back, nightly in every order: what one leaves behind disturbs no other."""

import re
from collections import Counter
from itertools import cycle, pairwise, permutations

import pytest
from streamlit.testing.v1 import AppTest

from tests.test_pages import PAGES

FOLD = re.compile(r'folded\([^\n]*, "(\w+)"[,)]')
ADDRESSES = {  # of the pages whose controls are others by what is asked; the numbers keep them quick
    "calculator": [{"ask": ask} for ask in ("matrix", "pairs", "odd", "axes", "formula")],
    "health": [{"show": "why"}, {"words": "500"}],
    "map": [{"show": "list"}, {"n": "20"}, {"show": "frequent", "most": "60"}, {"view": "graph"}],
    "side_by_side": [{"most": "200"}],
    "lesson": [{}, {"lesson": "trained"}, {"view": "layers"}, {"lesson": "own", "encoder_only": "true"}],
}


def unfolded(page: str) -> dict[str, str]:
    """The address that unfolds all of a page."""
    text = (PAGES / f"{page}.py").read_text(encoding="utf-8")
    return dict.fromkeys(
        [*FOLD.findall(text), *(["python"] if re.search(r"(copy_as|action_bar)\(", text) else [])], "true"
    )


def walk(pages: list[str]) -> list[str]:
    """A closed walk that goes from each page to each other one once (Hierholzer)."""
    left = {page: [other for other in pages if other != page] for page in pages}
    path, on_the_way = [], [pages[0]]
    while on_the_way:
        if left[on_the_way[-1]]:
            on_the_way.append(left[on_the_way[-1]].pop())
        else:
            path.append(on_the_way.pop())
    return path[::-1]


def visit(app: AppTest, page: str, **url: str) -> None:
    """Come to a page as by the menu, and unfold all of it."""
    app.switch_page(f"../../pages/{page}.py")
    for address in (url, unfolded(page) | url):
        app.query_params.clear()
        app.query_params.update(address)
        app.run()
        assert not app.exception, f"{page} {address}: {app.exception[0].message}"


@pytest.mark.nightly
def test_from_every_page_to_every_other_with_everything_unfolded():
    pages = sorted(path.stem for path in PAGES.glob("*.py"))
    steps = walk(pages)
    assert Counter(pairwise(steps)) == Counter(permutations(pages, 2))
    visit_all(steps)


def test_there_and_back_with_everything_unfolded():
    pages = sorted(path.stem for path in PAGES.glob("*.py"))
    visit_all([*pages, *pages[-2::-1]])


def visit_all(steps: list[str]) -> None:
    app = AppTest.from_file("../explorer/ui/shell.py", default_timeout=60).run()
    addresses = {page: cycle(ADDRESSES.get(page, [{}])) for page in set(steps)}
    for page in steps:
        visit(app, page, **next(addresses[page]))
