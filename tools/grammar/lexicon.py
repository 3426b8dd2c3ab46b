"""The words of the grammar, read from its tables: nouns, adjectives, verbs and ready-made expressions.

In `nouns.tsv` the last column names the adjectives that suit a noun, by their kinds in `adjectives.tsv`: K colour,
S size, N new, O old, P price, B looks, I interest; and for states o open or closed, c clean or dirty, e empty or full,
b broken, t cold or hot. So the grammar says *a red shirt*, but neither *a red city* nor *an open shirt*.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

QUALITIES, STATES = "KSNOPBI", "ocebt"

_ENDINGS = {
    "ar": ("o as a amos an", "é aste ó amos aron", "ando"),
    "er": ("o es e emos en", "í iste ió imos ieron", "iendo"),
    "ir": ("o es e imos en", "í iste ió imos ieron", "iendo"),
}


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    english: str = ""
    spanish: str = ""

    def __add__(self, other: "Text") -> "Text":
        return Text(f"{self.english} {other.english}".strip(), f"{self.spanish} {other.spanish}".strip())


@dataclass(frozen=True)
class Adjective:
    """An English adjective with its comparative ("" without one), and the Spanish masculine singular."""

    english: str
    comparative: str
    spanish: str

    def agree(self, feminine: bool, plural: bool) -> str:
        """The Spanish form that agrees with a noun."""
        form = self.spanish
        if feminine and form.endswith("o"):
            form = form[:-1] + "a"
        if not plural:
            return form
        return "jóvenes" if form == "joven" else form + ("s" if form[-1] in "aeo" else "es")


@dataclass(frozen=True)
class Noun:
    """A noun; a form is "" where only the other number is used."""

    english: str
    english_plural: str
    spanish: str
    spanish_plural: str
    feminine: bool
    suits: str

    def adjectives(self, kinds: str) -> list[Adjective]:
        """The adjectives that suit the noun, out of QUALITIES or STATES."""
        return [adjective for kind in self.suits if kind in kinds for adjective in ADJECTIVES[kind]]


@dataclass(frozen=True)
class Verb:
    """A verb; Spanish tenses are tuples over the persons i, you, he/she, we, they."""

    english: str
    third: str
    past: str
    ing: str
    infinitive: str
    gerund: str
    reflexive: bool
    tenses: dict[str, tuple[str, ...]]
    command: str
    prohibition: str


def _rows(table: str, columns: int) -> list[list[str]]:
    lines = (Path(__file__).parent / f"{table}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return [row + [""] * (columns - len(row)) for row in rows]


def _verb(english: str, third: str, past: str, ing: str, infinitive: str, irregular: str) -> Verb:
    """Regular forms by rule; `irregular` lists the others, a tense with all five forms, the future by its stem."""
    given = {field.split()[0]: field.split()[1:] for field in irregular.split("; ") if field}
    core, _, particle = infinitive.partition(" ")  # tener que, ir a
    reflexive = core.endswith("se")
    core = core.removesuffix("se")
    stem, ending = core[:-2], core[-2:]
    present, preterite, gerund = _ENDINGS[ending]
    forms = {
        "present": given.get("present") or [stem + suffix for suffix in present.split()],
        "preterite": given.get("preterite") or [stem + suffix for suffix in preterite.split()],
        "future": [given.get("future", [core])[0] + suffix for suffix in "é ás á emos án".split()],
    }
    first, third_person = forms["present"][0], forms["present"][2]
    prohibition = first[:-1] + ("es" if ending == "ar" else "as") if first.endswith("o") else ""
    return Verb(
        english,
        third,
        past,
        ing,
        f"{core} {particle}".strip(),
        given.get("gerund", [stem + gerund])[0],
        reflexive,
        {tense: tuple(f"{form} {particle}".strip() for form in forms[tense]) for tense in given.get("only", forms)},
        given.get("command", [third_person])[0],
        given.get("prohibition", [prohibition])[0],
    )


NOUNS: dict[str, list[Noun]] = defaultdict(list)
for kind, one, many, uno, muchos, gender, suits in _rows("nouns", 7):
    NOUNS[kind].append(Noun(one, many, uno, muchos, gender == "f", suits))

ADJECTIVES: dict[str, list[Adjective]] = defaultdict(list)
for kind, *words in _rows("adjectives", 4):
    ADJECTIVES[kind].append(Adjective(*words))

EXPRESSIONS: dict[str, list[Text]] = defaultdict(list)
for kind, *words in _rows("expressions", 3):
    EXPRESSIONS[kind].append(Text(*words))

_verbs = [_verb(*row) for row in _rows("verbs", 6)]
VERBS = {verb.english: verb for verb in _verbs}
SER, ESTAR, TENER = ({verb.infinitive: verb for verb in _verbs}[copula] for copula in ("ser", "estar", "tener"))


def nouns(words: str) -> list[Noun]:
    """Nouns by their kinds or by their English names: `nouns("food drink flower")`."""
    by_name = {noun.english: [noun] for noun in chain(*NOUNS.values())}
    return [noun for word in words.split() for noun in (NOUNS[word] if word in NOUNS else by_name[word])]
