"""A talk of one's own, begun by five answers: a deck of one's own sentence and vectors, which rehearses at once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from explorer.errors import UserError
from explorer.talks.deck import MOST_MINUTES, Deck, Scene
from explorer.talks.rehearsal import rehearse
from explorer.talks.views import view
from explorer.texts import _, _n

_Read = TypeVar("_Read")

MOST_WORDS = 8  # of a sentence: more have no room in type for the last row
_FEW_WORDS, _SHORT = 5, 30  # words and characters of a sentence with which a softmax has room
_LONGEST_TITLE = 80
_D_MODEL = 4  # numbers of a word, so that a matrix fits on the stage
_CHOICES = 3
_ARROW = re.compile(r"\s*(?:=|→|->)\s*")
_SIGN = re.compile(r"\s[-+−]\s")


@dataclass(frozen=True)
class Wishes:
    """What a new talk is about: a sentence and its translation for the lesson, a word and the `model` whose vectors are
    asked, and what the audience guesses: a formula, or a word whose nearest one it is to find."""

    title: str
    minutes: float
    source: str
    target: str
    word: str
    model: str
    guess: str


def asked(answer: Callable[[str], str], complain: Callable[[UserError], None] | None = None) -> Wishes:
    """The wishes that five questions bring; `answer` asks one. An answer left empty takes what stands in brackets.

    An answer that will not do goes to `complain`, and the question is asked again. Raises UserError for it without
    `complain`.
    """
    from explorer.embeddings.catalog import DEFAULT

    def ask(question: str, default: str, read: Callable[[str], _Read]) -> _Read:
        while True:
            try:
                return read(answer(f"{question} [{default}]: ").strip() or default)
            except UserError as error:
                if complain is None:
                    raise
                complain(error)

    def guess_of(text: str) -> str:
        view(_guess_page(text, model))  # says what is wrong with it
        return text

    title = ask(_("1/5 What is the title of the talk?"), _("A talk of my own"), _title)
    minutes = ask(_("2/5 How many minutes does it take?"), "10", _minutes)
    source, target = ask(
        _("3/5 A sentence and its translation, with = between them?"), "You are welcome = de nada", _pair
    )
    word, model = ask(_("4/5 A word, and the vectors to ask about it?"), f"airplane {DEFAULT}", _word)
    guess = ask(
        _("5/5 What should the audience guess: a formula, or a word, of which they find the nearest?"),
        "king - man + woman",
        guess_of,
    )
    return Wishes(title, minutes, source, target, word, model, guess)


def _title(text: str) -> str:
    if len(text) > _LONGEST_TITLE:
        raise UserError(
            _("A title has at most {most} characters, so that the last row can read it.", most=_LONGEST_TITLE)
        )
    return text


def _minutes(text: str) -> float:
    try:
        minutes = float(text.replace(",", "."))
    except ValueError:
        minutes = math.nan
    if not 0 < minutes <= MOST_MINUTES:
        raise UserError(_("The minutes are a number above 0 and at most {most}.", most=MOST_MINUTES))
    return minutes


def _pair(text: str) -> tuple[str, str]:
    from explorer.embeddings.catalog import DEFAULT

    sides = [" ".join(side.split()) for side in _ARROW.split(text)]
    if len(sides) != 2 or not all(sides):
        raise UserError(_("Write a sentence, then =, then its translation, as in: You are welcome = de nada"))
    if long := [side for side in sides if len(side.split()) > MOST_WORDS]:
        raise UserError(
            _(
                "“{sentence}” has more than {most} words: on a stage they would be too small.",
                sentence=long[0],
                most=MOST_WORDS,
            )
        )
    view(_lesson_page(sides[0], sides[1], "source.tokens", DEFAULT))  # says what is wrong with them
    return sides[0], sides[1]


def _word(text: str) -> tuple[str, str]:
    from explorer.embeddings.catalog import DEFAULT, names

    *words, last = text.split()
    word, model = (" ".join(words), last) if words and last in names() else (text, DEFAULT)
    view(f"neighbours?{urlencode({'word': word, 'model': model})}")  # says what is wrong with it
    return word, model


def _guess_page(guess: str, model: str) -> str:
    if _SIGN.search(guess):
        return f"calculator?{urlencode({'formula': guess, 'model': model, 'n': 5})}"
    return f"neighbours?{urlencode({'word': guess, 'model': model, 'n': 5})}"


def _lesson_page(source: str, target: str, step: str, model: str, **more: str) -> str:
    about = {"lesson": "own", "source": source, "target": target, "model": model, "d_model": _D_MODEL, "step": step}
    return f"lesson?{urlencode({**about, **more})}"


def new_deck(wishes: Wishes) -> Deck:
    """The deck of a new talk, with the numbers that its scenes show. Raises UserError where one cannot be computed."""
    talk = rehearse(Deck(wishes.title, _scenes(wishes), minutes=wishes.minutes))
    if talk.sentences:
        raise UserError(talk.sentences[0])
    return talk.as_deck()


def _scenes(wishes: Wishes) -> tuple[Scene, ...]:
    word, model, source, target = wishes.word, wishes.model, wishes.source, wishes.target

    def lesson(step: str, **more: str) -> str:
        return _lesson_page(source, target, step, model, **more)

    nearest = view(_guess_page(word, model)).drawing["rows"][0]
    guessed = view(_guess_page(wishes.guess, model)).drawing["rows"]
    loss = view(lesson("update.loss")).drawing["rows"][0]
    before, after = loss["before"], loss["after"]
    count = len(source.split())
    is_long = count > _FEW_WORDS or len(source) > _SHORT  # six matrices of it would not stand beside each other
    return (
        Scene(
            title=wishes.title,
            text=(f"{source} → {target}",),
            notes=_("Say who you are, and what the audience will know at the end."),
        ),
        Scene(
            title=_("A word is a list of numbers"),
            page=f"vector?{urlencode({'word': word, 'model': model})}",
            reveal="rows",
            notes=_("This is “{word}”. Alone these numbers say nothing. They speak when they are compared.", word=word),
        ),
        Scene(
            title=_("What is “{word}” near to?", word=word),
            page=f"neighbours?{urlencode({'word': word, 'model': model, 'n': 6})}",
            reveal="rows",
            highlight=(nearest["word"],),
            live="word",
            notes=_(
                "The nearest word is “{nearest}”, with a cosine of {number}. Press i to type a word that somebody "
                "calls out.",
                nearest=nearest["word"],
                number=nearest["number"],
            ),
        ),
        Scene(
            title=_("The same words as a map"),
            page=f"map?{urlencode({'word': word, 'model': model, 'n': 12})}",
            notes=_("All numbers of a word, pressed into two. The line below says how far to trust the map."),
        ),
        Scene(
            ask=f"{wishes.guess} = ?"
            if _SIGN.search(wishes.guess)
            else _("Which word is nearest to “{word}”?", word=wishes.guess),
            choices=tuple(sorted(row["word"] for row in guessed[:_CHOICES])),
            answer=guessed[0]["word"],
            page=_guess_page(wishes.guess, model),
            highlight=(guessed[0]["word"],),
            notes=_(
                "Let the audience guess, and wait. It is “{word}”, with {number}.",
                word=guessed[0]["word"],
                number=guessed[0]["number"],
            ),
        ),
        Scene(
            title=_("The task"),
            text=(_("It reads: {source}", source=source), _("It should say: {target}", target=target)),
            reveal="lines",
            notes=_(
                "From here on, a small model computes with your sentence. Its weights are random, so it knows nothing "
                "yet."
            ),
        ),
        Scene(
            title=_("Words become numbers"),
            page=lesson("source.tokens"),
            notes=_n(
                "The sentence has {count} word. It gets a number in the list of all words.",
                "The sentence has {count} words. Each gets a number in the list of all words.",
                count,
            ),
        ),
        Scene(
            title=_("A word is a row of a table"),
            page=lesson("source.embedding"),
            notes=_(
                "The number says which row to take. The vectors were pressed into {count} numbers, so that they fit.",
                count=_D_MODEL,
            ),
        ),
        Scene(
            title=_("Query times key: the score"),
            page=lesson("encoder.0.self_attention.scores"),
            reveal="cells",
            highlight=tuple(f"0,{place}" for place in range(count)),
            notes=_("Each word asks, and each word answers. The higher the score, the better the answer."),
        ),
        Scene(
            title=_("From scores to shares"),
            page=lesson("encoder.0.self_attention.weights", **({"draw": "bars"} if is_long else {})),
            reveal="rows" if is_long else "lines",
            notes=_("The softmax makes shares of the scores. Each row adds up to one."),
        ),
        Scene(
            title=_("The next word"),
            page=lesson("next.words", position="0"),
            reveal="rows",
            notes=_("What it would say first. The right word has a tick. With random weights, do not expect much."),
        ),
        Scene(
            title=_("One number: the loss"),
            page=lesson("loss"),
            notes=_("The loss says how wrong the model is: {loss}. Training makes it smaller.", loss=before),
        ),
        Scene(
            ask=_("The loss was {loss}. What is it after one step?", loss=before),
            choices=tuple(sorted({before, after, "0.0000"}, reverse=True)),
            answer=after,
            page=lesson("update.loss"),
            notes=_("All weights take one small step. The loss becomes {loss}.", loss=after),
        ),
        Scene(
            title=_("What to take home"),
            text=(
                _("A word is a list of numbers"),
                _("Near means: used in the same way"),
                _("Learning is a small step, many times"),
            ),
            reveal="lines",
            notes=_("Say it once more, in your own words. Thank the audience, and ask for questions."),
        ),
    )
