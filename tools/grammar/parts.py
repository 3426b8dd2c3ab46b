"""Parts of sentences, drawn by chance from what makes sense: who, what, with whom, where and when."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from tools.grammar.lexicon import EXPRESSIONS, NOUNS, QUALITIES, VERBS, Noun, Text, nouns
from tools.grammar.rules import (
    DATIVE,
    FIRST,
    MOODS,
    NOTHING,
    PERSONS,
    QUESTION,
    REFLEXIVE,
    SECOND,
    STATEMENT,
    THEY,
    THIRD,
    WE,
    Subject,
    noun_phrase,
    noun_subject,
)

T = TypeVar("T")
Draw = Callable[[], Text]

BUILDINGS = nouns("market station hotel restaurant museum library bank school hospital church shop park")
PLACES = nouns("at-places in-places")
_OWN = ["my", "your", "his", "her"]


class Parts:
    """A source of parts of sentences: most methods draw one. What is drawn depends on the seed alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        some, thing, at, of, fixed = self.some, self.thing, self.at, self.of, self.fixed
        whom, company = self.whom, self.company

        # What may follow a verb: as a habit ("she buys bread"), and besides when it happens once ("she bought a car").
        self.habits: dict[str, list[Draw]] = {
            "eat": [
                *[some("food")] * 2,
                thing("pieces", ["a", "two", "three"], 0.1),
                at("restaurant hotel beach park kitchen"),
                company,
            ],
            "drink": [some("drinks"), of("serving")],
            "cook": [some("rice fish meat chicken egg potato"), company],
            "buy": [some("food drinks pieces flower")],
            "sell": [some("food pieces flower book")],
            "read": [fixed("the newspaper", "el periódico"), fixed("a book", "un libro")],
            "write": [fixed("letters", "cartas"), fixed("a letter", "una carta")],
            "see": [whom],
            "visit": [whom, of("city"), thing("museum church library park market city village", ["the"], 0.2)],
            "open": [thing("openings box bottle", ["the", "this", "that"], 0.2)],
            "close": [thing("openings box bottle", ["the", "this", "that"], 0.2)],
            "clean": [thing("rooms table chair", ["the", "our", "your"], 0.1)],
            "go": [self.to],
            "return": [self.to],
            "arrive": [fixed("early", "temprano"), fixed("late", "tarde"), self.home_at("a casa")],
            "travel": [self.to_city, self.to_city, company, fixed("by train", "en tren")],
            "walk": [fixed("in the park", "por el parque"), fixed("on the beach", "por la playa"), company],
            "live": [self.in_city, self.beside, self.beside, company],
            "work": [
                at("market station hotel restaurant museum library bank office airport school hospital shop"),
                company,
            ],
            "study": [of("language"), at("library school room city"), company],
            "learn": [of("language"), of("skill")],
            "speak": [of("language"), self.to_someone],
            "sleep": [
                at("hotel hospital room house"),
                fixed("well", "bien"),
                fixed("in this room", "en esta habitación"),
            ],
            "play": [fixed("football", "al fútbol"), fixed("in the park", "en el parque"), company],
            "sing": [fixed("at home", "en casa"), fixed("in the church", "en la iglesia"), company],
            "swim": [fixed("in the sea", "en el mar"), fixed("in the river", "en el río"), company],
            "listen to": [fixed("music", "música"), fixed("the radio", "la radio"), whom],
            "help": [whom],
            "call": [whom],
            "wait for": [whom, whom, self.vehicle],
            "bring": [some("food drinks")],
            "get up": [fixed("early", "temprano"), fixed("late", "tarde"), of("hour")],
            "leave": [fixed("early", "temprano"), fixed("home late", "de casa tarde"), self.home_at("de casa")],
        }
        self.events: dict[str, list[Draw]] = {
            "buy": [
                thing(
                    "garments furniture bag phone computer watch camera map book flower box bottle",
                    ["a", "a", "two", "this"],
                )
            ]
            * 2,
            "sell": [thing("furniture phone computer watch camera", _OWN)] * 2,
            "read": [thing("book letter", ["the", "a", "this", "two"])] * 2,
            "write": [thing("book letter", ["a", "the", "two", "three"], 0)],
            "see": [thing("animals museum hotel", ["a", "the", "two", "many"])],
            "arrive": [self.arrival] * 3,
            "find": [thing("garments things", [*_OWN, "a"])],
            "lose": [thing("garments things shoes", _OWN)],
            "look for": [thing("garments things shoes", _OWN), whom],
            "bring": [thing("coat book chair plate gift map camera", ["the", "my", "your", "a"], 0.2)] * 2,
            "give": [self.gift],
        }

    def pick(self, items: Sequence[T]) -> T:
        # Only random() is promised to give the same numbers in every version of Python.
        return items[int(self._random.random() * len(items))]

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    # Makers of draws

    def fixed(self, english: str, spanish: str) -> Draw:
        return lambda: Text(english, spanish)

    def of(self, kind: str) -> Draw:
        """One of the lexicon's expressions of a kind."""
        return lambda: self.pick(EXPRESSIONS[kind])

    def some(self, words: str) -> Draw:
        """Food and drink without an article: *bread*, *apples*."""

        def draw() -> Text:
            noun = self.pick(nouns(words))
            return noun_phrase("", noun, plural=bool(noun.english_plural))

        return draw

    def thing(self, words: str, determiners: list[str], described: float = 0.4) -> Draw:
        """A noun with a determiner, at times in the plural, and with the probability `described` an adjective."""

        def draw() -> Text:
            noun, determiner = self.pick(nouns(words)), self.pick(determiners)
            plural = determiner != "a" and self.chance(0.3)
            adjectives = noun.adjectives(QUALITIES)
            return noun_phrase(
                determiner, noun, plural, self.pick(adjectives) if adjectives and self.chance(described) else None
            )

        return draw

    def at(self, words: str) -> Draw:
        """Where someone is or does something: in one of these places, or at home."""

        def draw() -> Text:
            if self.chance(0.2):
                return Text("at home", "en casa")
            place = self.pick(nouns(words))
            return Text("at" if place in NOUNS["at-places"] else "in", "en") + noun_phrase("the", place)

        return draw

    def home_at(self, spanish: str) -> Draw:
        """*home at seven o'clock*, after arrive or leave."""
        return lambda: Text("home", spanish) + self.pick(EXPRESSIONS["hour"])

    # Draws

    def in_city(self) -> Text:
        return Text("in", "en") + self.pick(EXPRESSIONS["city"])

    def to_city(self) -> Text:
        return Text("to", "a") + self.pick(EXPRESSIONS["city"])

    def to(self) -> Text:
        """Where someone goes."""
        place = Text("to", "a") + noun_phrase("the", self.pick(PLACES))
        return self.pick([place, place, place, self.to_city(), Text("home", "a casa")])

    def arrival(self) -> Text:
        """Where someone arrives."""
        place = Text("at", "a") + noun_phrase("the", self.pick(PLACES))
        return self.pick([place, place, place, Text("in", "a") + self.pick(EXPRESSIONS["city"])])

    def beside(self, places: Sequence[Noun] = BUILDINGS) -> Text:
        return self.pick(EXPRESSIONS["beside"]) + noun_phrase("the", self.pick(places))

    def someone(self) -> Text:
        if self.chance(0.15):
            return self.pick(EXPRESSIONS["name"])
        noun, determiners = self.pick(
            [(self.pick(NOUNS["people"]), ["the"]), (self.pick(NOUNS["relatives"]), [*_OWN, "our"])]
        )
        return noun_phrase(self.pick(determiners), noun, bool(noun.english_plural) and self.chance(0.3))

    def to_someone(self) -> Text:
        return Text("to", "con") + self.someone()

    def whom(self) -> Text:
        """A person as the object, with the Spanish personal *a*."""
        return Text("", "a") + self.someone()

    def company(self) -> Text:
        return self.pick(EXPRESSIONS["company"]) if self.chance(0.3) else Text("with", "con") + self.someone()

    def vehicle(self) -> Text:
        return noun_phrase("the", self.pick(NOUNS["vehicles"]))

    def gift(self) -> Text:
        present = self.thing("garments bag phone watch camera book flower gift", ["a", "a", "my", "this"], 0.2)()
        return present + Text("to", "a") + self.someone()

    def when(self, verb: str, tense: str) -> Text:
        """A time that suits verb and tense, or none."""
        if tense != "preterite" and self.chance(0.3):
            return NOTHING
        lasting = verb == "live" or (verb == "learn" and tense != "present")
        return self.pick(EXPRESSIONS[f"lasting-{tense}" if lasting else tense])

    def mood(self, person: int) -> str:
        """A mood; of oneself one does not ask."""
        return self.pick(MOODS if person not in (FIRST, WE) else MOODS[:2])

    def person(self, mood: str) -> int:
        return self.pick(PERSONS if mood != QUESTION else (SECOND, THIRD, THEY))

    def subject(self, person: int, mood: str = STATEMENT) -> Subject:
        """Someone of a grammatical person; one tells of *my* brother and asks about *your* brother."""
        owner = "your" if mood == QUESTION else "my"
        relative, people = self.pick(nouns("relatives spouses")), self.pick(NOUNS["people"])
        pronoun = self.chance(0.3)
        if person == FIRST:
            return Subject(Text("i"), FIRST)
        if person == SECOND:
            return Subject(Text("you"), SECOND)
        if person == WE:
            return Subject(Text("we") if pronoun else noun_phrase("my", relative) + Text("and i", "y yo"), WE)
        if person == THIRD:
            if pronoun:
                return self.pick([Subject(Text("he", "él"), THIRD), Subject(Text("she", "ella"), THIRD, feminine=True)])
            names = [Subject(Text("laura", "laura"), THIRD, feminine=True), Subject(Text("pablo", "pablo"), THIRD)]
            return self.pick([*names, *[noun_subject("the", people)] * 2, *[noun_subject(owner, relative)] * 4])
        if pronoun:
            return Subject(Text("they", "ellos"), THEY)
        parents = noun_subject(owner, NOUNS["parents"][0])
        relatives = noun_subject(owner, relative, plural=True) if relative.english_plural else parents
        couple = Subject(Text("laura and pablo", "laura y pablo"), THEY)
        return self.pick([couple, noun_subject("the", people, plural=True), relatives, relatives])

    def complement(self, subject: Subject, verb: str, habit: bool) -> tuple[Text, str]:
        """What follows a verb, never the subject again (*laura calls laura*), and the clitic Spanish wants with it."""
        own = {FIRST: {"me", "us"}, SECOND: {"you"}, WE: {"me", "us"}}.get(subject.person, set())
        taken = own | {word.rstrip("s") for word in subject.text.english.split()} - {"the", "my", "your", "and"}
        draws = self.habits.get(verb, []) + ([] if habit else self.events.get(verb, []))
        while True:
            complement = self.pick(draws)()
            words = complement.english.split()
            if taken.isdisjoint(words) and taken.isdisjoint(word.rstrip("s") for word in words):
                break
        if verb == "give":
            return complement, DATIVE[THEY if complement.spanish.endswith("s") else THIRD]
        return complement, REFLEXIVE[subject.person] if VERBS[verb].reflexive else ""
