"""A talk of one's own: five answers, piped in, become a deck that rehearses without a problem."""

import io

import pytest

from explorer.cli import main
from explorer.errors import UserError
from explorer.talks.beginning import MOST_WORDS, Wishes, asked, new_deck
from explorer.talks.deck import read_file
from explorer.talks.rehearsal import rehearse

ANSWERS = ("Cats", "5", "The cat sleeps -> el gato duerme", "cat wiki-en-glove", "bank")


@pytest.fixture
def begin(monkeypatch, capsys):
    """Run `talk --new` with these answers; give its status, what it printed and what it complained of."""

    def run(place, *answers):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))
        status = main(["talk", "--new", str(place)])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


def replies(*answers):
    left = list(answers)
    return lambda _question: left.pop(0)


def test_five_answers_make_a_deck_that_rehearses(begin, tmp_path):
    place = tmp_path / "cats.toml"
    status, output, _ = begin(place, *ANSWERS)
    assert status in (0, None)
    assert output.count("/5 ") == 5
    assert "cats.toml has 14 scenes" in output
    talk = rehearse(read_file(place))
    assert talk.sentences == ()
    assert (talk.deck.title, talk.deck.minutes) == ("Cats", 5)
    assert all(scene.scene.notes for scene in talk.scenes)
    pages = " ".join(scene.scene.page for scene in talk.scenes)
    assert "word=cat&model=wiki-en-glove" in pages
    assert "source=The+cat+sleeps&target=el+gato+duerme" in pages
    guess = next(scene.scene for scene in talk.scenes if "bank" in scene.scene.ask)
    assert guess.answer == "banks"
    assert guess.answer in guess.choices


def test_empty_answers_take_what_stands_in_brackets():
    wishes = asked(replies("", "", "", "", ""))
    assert wishes == Wishes(
        "A talk of my own", 10, "You are welcome", "de nada", "airplane", "wiki-en-word2vec", "king - man + woman"
    )
    scenes = new_deck(wishes).scenes
    guess = next(scene for scene in scenes if scene.ask.startswith("king"))
    assert (guess.ask, guess.answer) == ("king - man + woman = ?", "queen")
    assert guess.shows.startswith("queen 0.6491")


def test_a_long_sentence_has_shares_as_bars():
    long = "the international government organisation announced another important agreement"
    wishes = asked(replies("", "", f"{long} = sí", "", ""))
    shares = next(scene for scene in new_deck(wishes).scenes if scene.title == "From scores to shares")
    assert "draw=bars" in shares.page
    assert shares.shows.startswith("the ")


def test_nothing_is_overwritten(begin, tmp_path):
    place = tmp_path / "talk.toml"
    place.write_text("mine")
    status, output, error = begin(place, *ANSWERS)
    assert status == 2
    assert "is there already" in error
    assert "1/5" not in output  # said before anything is asked
    assert place.read_text() == "mine"


def test_a_talk_is_a_toml_file(begin, tmp_path):
    status, _, error = begin(tmp_path / "talk.html", *ANSWERS)
    assert status == 2
    assert "must end in .toml" in error


def test_answers_that_end_too_early_are_said(begin, tmp_path):
    status, _, error = begin(tmp_path / "talk.toml", *ANSWERS[:2])
    assert status == 2
    assert "The answers end before this question: 3/5" in error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("place", "answer", "problem"),
    [
        (0, "x" * 81, "at most 80 characters"),
        (1, "soon", "a number above 0"),
        (1, "nan", "a number above 0"),
        (1, "0", "a number above 0"),
        (2, "You are welcome", "then its translation"),
        (2, "= de nada", "then its translation"),
        (2, f"{'a ' * (MOST_WORDS + 1)}= b", "too small"),
        (3, "zzzzqqq", "zzzzqqq"),
        (4, "king - zzzzqqq + woman", "zzzzqqq"),
    ],
)
def test_an_answer_that_will_not_do_is_refused_and_asked_again_where_somebody_types(place, answer, problem):
    answers = list(ANSWERS)
    answers[place] = answer
    with pytest.raises(UserError, match=problem):
        asked(replies(*answers))
    complaints = []
    typed = [*ANSWERS[:place], answer, *ANSWERS[place:]]
    assert asked(replies(*typed), complaints.append).title == "Cats"
    assert [problem in str(complaint) for complaint in complaints] == [True]
