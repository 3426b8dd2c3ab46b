"""`explorer talk`: a talk as a table, as files, and checked in a browser; and at its address."""

import re
import shutil
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.cli import main
from explorer.questions.talks import Decks, Talk
from explorer.service.talks import routes
from explorer.talks.rehearsal import rehearse

DECK = """
title = "Two scenes"
[[scene]]
title = "A & <b>title</b>"
text = ["one", "two"]
reveal = "lines"
[[scene]]
page = "similarity?first=cat&second=dog"
"""
needs_browser = pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")


@pytest.fixture
def deck(tmp_path):
    path = tmp_path / "deck.toml"
    path.write_text(DECK, encoding="utf-8")
    return path


def test_the_outline_has_a_line_a_scene(deck, capsys):
    assert main(["talk", str(deck), "--outline"]) == 0
    out = capsys.readouterr().out
    assert "Two scenes: 2 scenes" in out
    assert "the cosine of cat and dog" in out


def test_a_page_holds_the_whole_talk_and_asks_no_other_machine(deck, tmp_path):
    out = tmp_path / "talk.html"
    assert main(["talk", str(deck), "-o", str(out)]) == 0
    html = out.read_text(encoding="utf-8")
    assert "<b>title</b>" not in html
    assert not re.search(r"(src|href)=|url\(|https?://(?!www\.w3\.org)[a-z]", html.split("<script", 1)[0])
    assert "default-src 'none'" in html


def test_the_file_of_a_talk_keeps_the_numbers_of_today(deck, tmp_path, capsys):
    out = tmp_path / "new.toml"
    assert main(["talk", str(deck), "-o", str(out)]) == 0
    out.write_text(out.read_text(encoding="utf-8").replace("0.5416", "0.9999"), encoding="utf-8")
    assert main(["talk", str(out), "--outline"]) == 0
    assert "The numbers changed" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["no-such"], [], ["no-such.toml"], ["DECK", "-o", "x.docx"]])
def test_what_cannot_be_done_is_a_sentence(arguments, deck, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    arguments = [str(deck) if word == "DECK" else word for word in arguments]
    assert main(["talk", *arguments]) == 2
    assert capsys.readouterr().err.startswith("explorer: ")


@needs_browser
def test_paper_and_pictures(deck, tmp_path):
    assert main(["talk", str(deck), "-o", str(tmp_path / "talk.pdf")]) == 0
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "talk.pdf").read_bytes())) == 3  # one line, both; a number
    assert main(["talk", str(deck), "-o", str(tmp_path / "pictures")]) == 0
    pictures = sorted((tmp_path / "pictures").iterdir())
    assert [picture.name for picture in pictures] == ["01.png", "01.svg", "02.png", "02.svg"]
    assert all(picture.read_bytes()[16:24] == (1280).to_bytes(4) + (720).to_bytes(4) for picture in pictures[::2])
    lines, number = (ElementTree.fromstring(picture.read_text(encoding="utf-8")) for picture in pictures[1::2])
    assert [text.text for text in lines.iter("{http://www.w3.org/2000/svg}text")] == ["A & <b>title</b>", "one", "two"]
    assert "0.5416" in [text.text for text in number.iter("{http://www.w3.org/2000/svg}text")]
    shapes = {each.tag.rpartition("}")[2] for each in (*lines.iter(), *number.iter())}
    assert shapes <= {"svg", "title", "rect", "text", "line", "path", "g"}  # what every program of slides can draw


@needs_browser
@pytest.mark.nightly
def test_a_film_has_the_size_of_the_stage(deck, tmp_path):
    assert main(["talk", str(deck), "-o", str(tmp_path / "talk.webm")]) == 0
    film = (tmp_path / "talk.webm").read_bytes()
    assert film.startswith(b"\x1aE\xdf\xa3")  # of Matroska, and its elements PixelWidth and PixelHeight
    assert b"\xb0\x82" + (1280).to_bytes(2) in film
    assert b"\xba\x82" + (720).to_bytes(2) in film


@needs_browser
def test_the_check_names_scenes_that_fail_or_run_over(deck, capsys):
    assert main(["talk", str(deck), "--check"]) == 0
    assert "Every scene fits" in capsys.readouterr().err
    wide = "\n".join(f'"{"wide " * 60}",' for _ in range(6))
    deck.write_text(
        DECK + f'[[scene]]\ntitle = "Too much"\ntext = [{wide}]\n[[scene]]\npage = "neighbours?word=zzzzqqq"'
    )
    assert main(["talk", str(deck), "--check"]) == 2
    errors = capsys.readouterr().err
    assert "Scene 3, “Too much”: it runs over the edge" in errors
    assert "Scene 4, “”: “zzzzqqq” is not among" in errors


CLIENT = TestClient(Starlette(routes=routes()))


def test_a_talk_has_an_address():
    page = CLIENT.get("/talk", params={"deck": "what-is-an-embedding"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("deck", ["../../etc/passwd", "no-such", ""])
def test_another_address_is_refused(deck):
    answer = CLIENT.get("/talk", params={"deck": deck})
    assert answer.status_code in (400, 404)
    assert "what-is-an-embedding" in answer.json()["error"]


def test_a_live_scene_is_answered_or_refused_with_a_sentence():
    drawing = CLIENT.get("/talk/view", params={"page": "neighbours?word=tea&n=3"}).json()["drawing"]
    assert len(drawing["rows"]) == 3
    for page in ("neighbours?word=zzzzqqq", "nothing", "", "x" * 5_000):
        answer = CLIENT.get("/talk/view", params={"page": page})
        assert answer.status_code in (400, 404)
        assert answer.json()["error"]


def test_the_talks_at_hand_are_listed():
    (entry,) = [entry for entry in Decks().answer().entries if entry.name == "what-is-an-embedding"]
    assert not entry.own
    assert entry.scenes == len(rehearse(Talk(deck="what-is-an-embedding").subject).scenes)
