"""A room in which a talk is held: where the talk is, who may move it, and what the audience votes and says.

It is kept in memory and gone with the process. It knows no network: `explorer.service.talks` puts it there. Whoever
acts last is right; the windows of a talk, which go on without a room, settle it in the same way (`State` in state.js).
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from explorer.errors import NotThere, UserError
from explorer.talks.pace import Pace
from explorer.talks.state import LONGEST_NAME, State
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.talks.rehearsal import Talk

MOST_VISITORS = 1_000
MOST_AT_AN_ADDRESS = 200  # visitors that come from one address: behind a router, a class has one together
MOST_WINDOWS = 5  # that a visitor has open at once
MOST_REQUESTS = 60  # a minute of a visitor; those of an address may ask ten times as often
MOST_CODES = 6  # wrong ones that come in a minute from an address; ten times as many from all addresses together
MOST_WAITING = 200  # words that the presenter has not decided about …
MOST_OF_A_VISITOR = 3  # … and of these, from one visitor
MOST_WORDS = 40  # of a scene that are shown; the first ones leave
LONGEST_WORD = 30  # letters


class Refused(UserError):
    """Somebody asked for too much, or for what only the presenter may do; `status` is HTTP's."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Subject:
    """What the audience can be asked at a scene: to take one of so many choices, or to send words."""

    choices: int = 0
    words: bool = False

    @property
    def kind(self) -> str:
        return "vote" if self.choices else "word" if self.words else ""


def subjects(talk: Talk) -> tuple[Subject, ...]:
    """What can be asked at each scene of a talk: a question's choices; words where it has none, or a scene is live."""

    def subject(drawing: Mapping[str, Any], live: str) -> Subject:
        question = drawing["kind"] == "question"
        return Subject(len(drawing["choices"]) if question else 0, bool(live) or question)

    return tuple(subject(each.drawing, each.scene.live) for each in talk.scenes)


@dataclass(frozen=True)
class Word:
    """A word that somebody of the audience sent."""

    number: int
    scene: int
    word: str
    visitor: str


class Room:
    """The room of a talk.

    A name of a window or a person is a random text that only they know. `news` is what everybody hears: all of it each
    time, so that who was away for a while misses nothing.
    """

    def __init__(self, subjects: tuple[Subject, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self.name = secrets.token_urlsafe(6)
        self.key = secrets.token_urlsafe(16)  # of the presenter's own windows, as often as they like
        self.code = _new_code()  # of the presenter's phone: works once
        self.state = State()
        self.laser: tuple[float, float] | None = None
        self.asking = False
        self._subjects = subjects
        self._presenters = {self.key}
        self._visitors: dict[str, str] = {}  # and the addresses that they come from
        self._votes: dict[int, dict[str, int]] = {}  # of a scene: who took which choice
        self._waiting: list[Word] = []
        self._words: dict[int, list[str]] = {}  # of a scene: those that the presenter accepted
        self._count = 0
        self._listeners: dict[Callable[[], None], tuple[str, str]] = {}
        self._requests, self._addresses = Pace(MOST_REQUESTS, clock), Pace(10 * MOST_REQUESTS, clock)
        self._tries, self._all_tries = Pace(MOST_CODES, clock), Pace(10 * MOST_CODES, clock)

    # Who comes

    def is_presenter(self, person: str) -> bool:
        return any(secrets.compare_digest(person.encode(), each.encode()) for each in self._presenters)

    def admit(self, person: str, address: str) -> str:
        """The name of a visitor from an address: a new one for who has none, and "" where the room is full."""
        if person in self._visitors:
            return person
        if len(self._visitors) >= MOST_VISITORS or Counter(self._visitors.values())[address] >= MOST_AT_AN_ADDRESS:
            return ""
        name = secrets.token_urlsafe(12)
        self._visitors[name] = address
        return name

    def let_in(self, code: str, address: str) -> str:
        """A presenter's name for who knows the code; the next one needs another. Raises Refused for a wrong code, and
        after too many wrong ones."""
        if not (self._tries.allows(address) and self._all_tries.allows("")):
            raise Refused(_("Too many codes were tried. Wait a minute."), 429)
        digits = "".join(filter(str.isdigit, code))
        if not secrets.compare_digest(digits.encode(), self.code.encode()):
            self._tries.count(address)
            self._all_tries.count("")
            raise Refused(_("This code is not right, or was used. Take the one that the presenter has now."), 403)
        self.code = _new_code()
        name = secrets.token_urlsafe(16)
        self._presenters.add(name)
        self._wake()
        return name

    def check_listener(self, person: str) -> None:
        """Raise Refused where too many listen already."""
        windows = sum(each == person for each, _stage in self._listeners.values())
        if not self.is_presenter(person) and (person not in self._visitors or windows >= MOST_WINDOWS):
            raise Refused(_("This talk has as many visitors as it can take."), 503)

    @contextmanager
    def listener(self, person: str, wake: Callable[[], None], stage: str = "") -> Iterator[None]:
        """While somebody listens, `wake` is called at each change; `stage` names the window that the room sees. Raises
        Refused where too many listen."""
        self.check_listener(person)
        self._listeners[wake] = (person, stage[:LONGEST_NAME] if self.is_presenter(person) else "")
        self._wake()
        try:
            yield
        finally:
            del self._listeners[wake]
            self._wake()

    # What somebody does

    def act(self, said: object, person: str, address: str) -> None:
        """One thing that somebody does, as an object with one name: `state`, `laser`, `ask`, `accept` and `drop` (a
        word's number) of the presenter; `vote` (a choice's place) and `word` of everybody. Raises Refused for what a
        visitor may not do or does too often, and UserError for what cannot be done."""
        if not isinstance(said, dict) or len(said) != 1:
            raise UserError(_("Send an object with one name and its value."))
        ((name, value),) = said.items()
        acts = {"state": self._go, "laser": self._point, "ask": self._ask, "accept": self._accept, "drop": self._drop}
        if name in ("vote", "word"):
            self._count_request(person, address)
            (self._vote if name == "vote" else self._hear)(value, person)
        elif name not in acts:
            raise UserError(_("In the room of a talk one can do: {acts}.", acts=", ".join([*acts, "vote", "word"])))
        elif not self.is_presenter(person):
            raise Refused(_("Only the presenter can do this."), 403)
        else:
            acts[name](value)
        self._wake()

    def _count_request(self, person: str, address: str) -> None:
        if self.is_presenter(person):
            return
        if person not in self._visitors:
            raise Refused(_("This talk has as many visitors as it can take."), 503)
        if not (self._requests.allows(person) and self._addresses.allows(address)):
            raise Refused(_("That was too often. Wait a minute."), 429)
        self._requests.count(person)
        self._addresses.count(address)

    def _go(self, said: object) -> None:
        state, before = State.read(said, len(self._subjects)), self.state
        if not state.is_after(before):
            return
        self.state = state
        answered = self._subjects[state.scene].choices and state.press > before.press
        if state.scene != before.scene or answered:
            self.asking = False

    def _point(self, said: object) -> None:
        def share(number: object) -> bool:
            return type(number) in (int, float) and 0 <= number <= 1  # type: ignore[operator]

        if said is not None and not (isinstance(said, list) and len(said) == 2 and all(map(share, said))):
            raise UserError(_("The laser points at two numbers from 0 to 1, or nowhere."))
        self.laser = (said[0], said[1]) if said else None

    def _ask(self, said: object) -> None:
        self.asking = bool(said) and bool(self._subject.kind)

    def _vote(self, choice: object, person: str) -> None:
        if not self.asking or self._subject.kind != "vote":
            raise UserError(_("Nobody is asked to vote now."))
        if type(choice) is not int or not 0 <= choice < self._subject.choices:
            raise UserError(_("This choice is not there."))
        self._votes.setdefault(self.state.scene, {})[person] = choice

    def _hear(self, said: object, person: str) -> None:
        if not self.asking or self._subject.kind != "word":
            raise UserError(_("Nobody is asked for a word now."))
        word = " ".join(said.split()) if isinstance(said, str) else ""
        if not word or not word.isprintable():
            raise UserError(_("Send a word of letters."))
        if len(word) > LONGEST_WORD:
            raise UserError(_("A word has at most {most} letters here.", most=LONGEST_WORD))
        scene = self.state.scene
        waiting = [each.word for each in self._waiting if each.scene == scene]
        if word in waiting or word in self._words.get(scene, []):
            return
        own = sum(each.visitor == person for each in self._waiting)
        if own >= MOST_OF_A_VISITOR or len(self._waiting) >= MOST_WAITING:
            raise Refused(_("Your words wait for the presenter. Send more when they are read."), 429)
        self._count += 1
        self._waiting.append(Word(self._count, scene, word, person))

    def _accept(self, number: object) -> None:
        word = self._drop(number)
        words = self._words.setdefault(word.scene, [])
        words.append(word.word)
        del words[:-MOST_WORDS]

    def _drop(self, number: object) -> Word:
        word = next((each for each in self._waiting if each.number == number), None)
        if word is None:
            raise NotThere(_("This word does not wait any more."))
        self._waiting.remove(word)
        return word

    # What everybody hears

    @property
    def _subject(self) -> Subject:
        return self._subjects[self.state.scene]

    def news(self, presents: bool) -> str:
        """Where the talk is and what the audience said, as JSON; words that wait are for who `presents`."""
        scene = self.state.scene
        votes = Counter(self._votes.get(scene, {}).values())
        news: dict[str, Any] = {
            "room": self.name,
            "presents": presents,
            "state": asdict(self.state),
            "asks": self._subject.kind if self.asking else "",
            "votes": [votes[choice] for choice in range(self._subject.choices)],
            "words": self._words.get(scene, []),
        }
        if presents:
            people = {person for person, _stage in self._listeners.values() if not self.is_presenter(person)}
            news["visitors"] = len(people)
            news["stages"] = [stage for _person, stage in self._listeners.values() if stage]
            news["can_ask"] = bool(self._subject.kind)
            names = ("number", "scene", "word")  # who sent it stays here
            news["waiting"] = [{name: getattr(each, name) for name in names} for each in self._waiting]
        return json.dumps(news, ensure_ascii=False)

    def _wake(self) -> None:
        for wake in list(self._listeners):
            wake()


def _new_code() -> str:
    return f"{secrets.randbelow(10**8):08}"
