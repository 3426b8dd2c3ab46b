"""The rules of the grammar: noun phrases and clauses, in English and in Spanish at once.

What English leaves open is settled as in the handwritten phrases: "you" is *tú*; i, you, we and they are masculine
where no noun says otherwise; of the subject pronouns only *él, ella, ellos* stay; in a question the verb comes first.
"""

import re
from dataclasses import dataclass

from tools.grammar.lexicon import EXPRESSIONS, SER, Adjective, Noun, Text, Verb

PERSONS = FIRST, SECOND, THIRD, WE, THEY = tuple(range(5))
MOODS = STATEMENT, NEGATION, QUESTION = ("statement", "negation", "question")
REFLEXIVE = ("me", "te", "se", "nos", "se")
DATIVE = ("me", "te", "le", "nos", "les")
NUMBERS = [number.english for number in EXPRESSIONS["number"]]
NOTHING = Text()

_PRONOUNS = {"él", "ella", "ellos"}
_DETERMINERS = {  # Spanish: masculine and feminine, then the plurals of both
    "": ("", "", "", ""),
    "the": ("el", "la", "los", "las"),
    "a": ("un", "una", "", ""),
    "my": ("mi", "mi", "mis", "mis"),
    "your": ("tu", "tu", "tus", "tus"),
    "his": ("su", "su", "sus", "sus"),
    "her": ("su", "su", "sus", "sus"),
    "our": ("nuestro", "nuestra", "nuestros", "nuestras"),
    "this": ("este", "esta", "estos", "estas"),
    "that": ("ese", "esa", "esos", "esas"),
    "many": ("", "", "muchos", "muchas"),
    "how many": ("", "", "cuántos", "cuántas"),
} | {number.english: (number.spanish,) * 4 for number in EXPRESSIONS["number"]}
_ENGLISH_PLURALS = {"this": "these", "that": "those"}
_ALWAYS_PLURAL = {"many", "how many", *NUMBERS}
_STRESSED_A = {"agua"}  # feminine nouns with "el" in the singular: el agua fría

_BE = {"present": ("am", "are", "is", "are", "are"), "preterite": ("was", "were", "was", "were", "were")}
_NEGATED = {"am": "am not", "can": "can't", "must": "must not", "will": "won't"}  # all others take n't


@dataclass(frozen=True)
class Subject:
    """Who does it; `text.spanish` is empty where Spanish leaves the pronoun out."""

    text: Text
    person: int
    feminine: bool = False

    @property
    def plural(self) -> bool:
        return self.person in (WE, THEY)


def noun_phrase(determiner: str, noun: Noun, plural: bool = False, adjective: Adjective | None = None) -> Text:
    """*the red shirts*, *las camisas rojas*; after a number, many and how many always in the plural."""
    plural = plural or determiner in _ALWAYS_PLURAL or not noun.english
    masculine, feminine, masculines, feminines = _DETERMINERS[determiner]
    if plural:
        article = feminines if noun.feminine else masculines
    elif determiner == "the" and noun.spanish in _STRESSED_A:
        article = masculine
    else:
        article = feminine if noun.feminine else masculine
    spanish = [article, noun.spanish_plural if plural else noun.spanish]
    english = [_ENGLISH_PLURALS.get(determiner, determiner) if plural else determiner]
    if adjective:
        english.append(adjective.english)
        spanish.append(adjective.agree(noun.feminine, plural))
    english.append(noun.english_plural if plural else noun.english)
    if determiner == "a" and english[1][0] in "aeiou":
        english[0] = "an"
    return Text(_join(english), _join(spanish))


def noun_subject(determiner: str, noun: Noun, plural: bool = False) -> Subject:
    """A noun phrase as the subject of a clause."""
    plural = plural or not noun.english
    return Subject(noun_phrase(determiner, noun, plural), THEY if plural else THIRD, noun.feminine)


def agreeing(adjective: Adjective, subject: Subject) -> Text:
    """An adjective said of a subject: *tall*, *altas*."""
    return Text(adjective.english, adjective.agree(subject.feminine, subject.plural))


def clause(
    subject: Subject,
    verb: Verb,
    complement: Text = NOTHING,
    tense: str = "present",
    mood: str = STATEMENT,
    spanish_verb: Verb | None = None,
    clitic: str = "",
    attribute: Text = NOTHING,
) -> Text:
    """A subject, a finite verb and what follows, as a statement, a negation or a question.

    `spanish_verb` is given where Spanish takes another verb than the lexicon's (*be hungry*, *tener hambre*); `clitic`
    is the unstressed pronoun before the Spanish verb (*le di un libro a mi hermano*, *me levanto temprano*); an
    `attribute` stays with the Spanish verb where a question moves a noun behind it (*está abierta la tienda*).
    """
    form, _, particle = (spanish_verb or verb).tenses[tense][subject.person].partition(" ")  # va a, tiene que
    if mood == QUESTION and subject.text.spanish in _PRONOUNS:
        spanish = [clitic, form, subject.text.spanish, particle, attribute.spanish, complement.spanish]
    elif mood == QUESTION:
        spanish = [clitic, form, attribute.spanish, subject.text.spanish, particle, complement.spanish]
    else:
        no = "no" if mood == NEGATION else ""
        spanish = [subject.text.spanish, no, clitic, form, particle, attribute.spanish, complement.spanish]
    auxiliary, rest = _english_verb(verb, subject.person, tense, mood)
    if mood == QUESTION:
        english = [auxiliary, subject.text.english, rest, attribute.english, complement.english]
    else:
        english = [subject.text.english, auxiliary, rest, attribute.english, complement.english]
    return Text(_join(english), _join(spanish))


def command(verb: Verb, complement: Text, negative: bool = False) -> Text:
    """*open the door*, *abre la puerta*; *don't open the door*, *no abras la puerta*."""
    if negative:
        return Text(f"don't {verb.english}", f"no {verb.prohibition}") + complement
    return Text(verb.english, verb.command) + complement


def contract(spanish: str) -> str:
    """*a el* becomes *al*, *de el* becomes *del* (*él*, with its accent, does not contract)."""
    return re.sub(r"\b(a|de) el\b", lambda match: {"a": "al", "de": "del"}[match[1]], spanish)


def _english_verb(verb: Verb, person: int, tense: str, mood: str) -> tuple[str, str]:
    """The auxiliary, "" in a plain statement, and the rest of the verb."""
    if tense == "future":
        auxiliary, rest = "will", verb.english
    elif verb is SER or verb.english.startswith("be "):
        auxiliary, rest = _BE[tense][person], verb.english[3:]
    elif verb.english in ("can", "must"):
        auxiliary, rest = verb.english, ""
    elif mood == STATEMENT:
        auxiliary, rest = "", verb.past if tense == "preterite" else verb.third if person == THIRD else verb.english
    else:
        auxiliary = "did" if tense == "preterite" else "does" if person == THIRD else "do"
        rest = verb.english
    if mood == NEGATION:
        auxiliary = _NEGATED.get(auxiliary, auxiliary + "n't")
    return auxiliary, rest


def _join(words: list[str]) -> str:
    return " ".join(" ".join(words).split())
