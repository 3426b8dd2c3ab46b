"""NLTK's averaged perceptron tagger for many sentences at once, kept to the tags that a dictionary allows.

The weights, features and tag dictionary are NLTK's (Honnibal's greedy averaged perceptron, Penn Treebank tags); the
answers are too where nothing is forbidden, which a test holds. Sentences are tagged beside each other, word by word, so
that NumPy adds the weights: some 20 times as fast as one after the other. Weights have three decimals and are added as
whole thousandths, so that no rounding decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.embeddings.training.dictionary import OPEN, Dictionary
from explorer.errors import UserError
from explorer.texts import _

Tagger = Callable[[Sequence[list[str]]], list[list[str]]]  # sentences of tokens → their Penn tags
Rule = Callable[[str, bool], frozenset[str]]  # (token, whether it is the first of its sentence) → the tags it may have

_FORBIDDEN = -(10**9)
_MOST_TYPES = 100_000  # tokens whose weights are kept
_START, _END = ["-START-", "-START2-"], ["-END-", "-END2-"]

# The closed classes: the Penn tags that their words may have, besides the open ones that a dictionary lists.
_CLOSED = {
    "IN RP TO RB WRB CC": """
        aboard about above across after against albeit along alongside although amid amidst among amongst around as
        aside at atop barring because before behind below beneath beside besides between beyond but by circa despite
        down during ere except for from if in inside into lest like near notwithstanding of off on onto opposite or out
        outside over past per plus minus qua sans since so than though through throughout thru till to toward towards
        under underneath unless unlike until unto up upon versus via vs and nor whereas whether while whilst with within
        without yet how however when whenever where whereby wherein whereof whereupon wherever whence why""",
    "DT PDT WDT PRP PRP$ WP WP$ EX IN CC RB RBR RBS JJR JJS": """
        a an the all another any both each either every half less many more most much neither no other own same several
        some such that these this those few enough he her hers herself him himself his i it its itself me mine my myself
        oneself our ours ourselves she their theirs them themselves there they us we you your yours yourself yourselves
        thee thine thou thy what whatever which whichever who whoever whom whose""",
    "MD RB VB VBD VBG VBN VBP VBZ POS PRP": """
        can cannot could may might must ought shall should will would 'd 'll ca wo sha am are be been being is was were
        'm 're 's 've ai do does did had has have having not n't let""",
    "NN": """
        anybody anyone anything everybody everyone everything nobody none nothing somebody someone something""",
    "UH": "ah aha alas amen bye goodbye hello hey hi hooray hurrah oh ok okay ooh ouch wow yeah yes",
}
_NUMERALS = frozenset(
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion
    trillion""".split()
)
_TAGS_OF_CLOSED = {word: frozenset(tags.split()) for tags, words in _CLOSED.items() for word in words.split()}
CLOSED = _NUMERALS | _TAGS_OF_CLOSED.keys()
INTERJECTIONS = frozenset(_CLOSED["UH"].split())
_OF_CLASS = {
    "NOUN": frozenset({"NN", "NNS"}),
    "VERB": frozenset({"VB", "VBD", "VBG", "VBN", "VBP", "VBZ"}),
    "ADJ": frozenset({"JJ", "JJR", "JJS"}),
    "ADV": frozenset({"RB", "RBR", "RBS"}),
}
_NAMES = frozenset({"NNP", "NNPS"})
_FOREIGN = frozenset({"FW"})
_NUMERAL = frozenset({"CD"})
_OF_SIGNS = {
    sign: frozenset(tags.split())
    for signs, tags in {
        "&": "CC", "%": "NN", "$£€": "$", "\"“”‘": "`` ''", "'": "'' POS", "([": "(", ")]": ")", "–—-:;…/": ":",
        ".!?": ".", ",": ",",
    }.items()
    for sign in signs
}  # fmt: skip
_OTHER_SIGN = frozenset({"SYM"})
_WRITTEN_IN_DIGITS = (  # what is written with digits, and its tags
    (re.compile(r"[^a-z]+"), _NUMERAL),
    (re.compile(r"[0-9]+(st|nd|rd|th)"), frozenset({"JJ"})),
    (re.compile(r"[0-9]+'?s"), frozenset({"NNS"})),
)
_NUMBERED = re.compile(r"[a-z]+-?[0-9]+")  # a6, b-52
_OF_A_PLACE = re.compile(r".*-[a-z]+|(.*-)?[A-Z][a-z]+(an|ese|ish|ic)")  # Paris-based, Ossetian, Franco-Iberian


@cache
def _penn(classes: frozenset[str]) -> frozenset[str]:
    """The Penn tags of open classes."""
    return frozenset().union(*(_OF_CLASS[tag] for tag in classes))


def by_dictionary(dictionary: Dictionary) -> Rule:
    """What a token may be, by its case, by the classes that are closed, and by a dictionary.

    Only what has a capital is a name. Only words of the closed classes are determiners, pronouns and the like. A word
    in lower case has the tags of the dictionary where that knows it. One with a capital is a name, an adjective made of
    one (*Ossetian*), or what the dictionary allows; in capitals throughout it may be a noun (*DVD*).
    """

    @lru_cache(maxsize=1_000_000)
    def tags_of(word: str) -> frozenset[str]:
        return dictionary.allowed(word) - {"PROPN"}

    def allowed(token: str, is_first: bool) -> frozenset[str]:
        word = token.lower()
        if not any(map(str.isalnum, token)):
            return _OF_SIGNS.get(token, _OTHER_SIGN)
        if token[0].isdigit():
            for pattern, tags in _WRITTEN_IN_DIGITS:
                if pattern.fullmatch(word):
                    return tags
        has_capital = token != word
        names = _NAMES if has_capital else frozenset()
        if _NUMBERED.fullmatch(word):
            return _OF_CLASS["NOUN"] | names
        classes = tags_of(word)
        if word in _NUMERALS:
            return _NUMERAL | names
        if word in _TAGS_OF_CLOSED:
            return _TAGS_OF_CLOSED[word] | _penn(classes) | names
        if classes:
            return _penn(classes) | names
        if has_capital and not is_first:
            is_acronym = token.isupper() and len(token) > 1
            is_of_a_place = _OF_A_PLACE.fullmatch(token) is not None
            return names | _penn(frozenset(["NOUN"] * is_acronym + ["ADJ"] * is_of_a_place))
        return _penn(OPEN) | (names or _FOREIGN)

    return allowed


def perceptron_tagger(rule: Rule | None = None) -> Tagger:
    """NLTK's English tagger, kept to a rule where there is one; its data is found through NLTK_DATA.

    Raises UserError where NLTK or the tagger's data is missing.
    """
    try:
        from nltk.tag import PerceptronTagger
    except ImportError as error:
        raise UserError(_("Counting a lexicon needs NLTK: pip install nltk.")) from error
    try:
        model = PerceptronTagger()
    except LookupError as error:
        raise UserError(
            _(
                "NLTK's English tagger is not on this machine. Set NLTK_DATA to the folder that has it, or run "
                "`python -m nltk.downloader averaged_perceptron_tagger_eng`."
            )
        ) from error
    return _Perceptron(model.model.weights, model.tagdict, model.classes, model.normalize, rule)


class _Perceptron:
    """C classes; scores are whole thousandths (…, C) int32."""

    def __init__(
        self,
        weights: dict[str, dict[str, float]],
        fixed: dict[str, str],
        classes: set[str],
        normalise: Callable[[str], str],
        rule: Rule | None,
    ) -> None:
        self.classes = sorted(classes, reverse=True)  # of equal scores NLTK takes the last by the alphabet
        self.every = frozenset(classes)
        self.place = {tag: place for place, tag in enumerate(self.classes)}
        self.weights, self.fixed, self.normalise, self.rule = weights, fixed, normalise, rule
        self.features: dict[str, NDArray[np.int32]] = {}
        self.masks: dict[frozenset[str], NDArray[np.int32]] = {}
        tags = [*self.classes, *_START]  # what may stand before a word
        self.before = len(tags)
        self.of_tags = np.array(
            [[self._row(f"i-1 tag {a}", f"i-2 tag {b}", f"i tag+i-2 tag {a} {b}") for b in tags] for a in tags]
        )  # (C + 2, C + 2, C): by the tag before, and the one before that
        pairs: dict[str, dict[int, int]] = {}
        rows = [self._row()]
        for feature in weights:
            if feature.startswith("i-1 tag+i word "):
                tag, word = feature.split(" ")[3:5]
                if tag in tags:
                    pairs.setdefault(word, {})[tags.index(tag)] = len(rows)
                    rows.append(self._row(feature))
        self.of_pairs, self.pairs = np.array(rows), pairs
        self._forget()

    def __call__(self, sentences: Sequence[list[str]]) -> list[list[str]]:
        if len(self.types) > _MOST_TYPES:
            self._forget()
        order = sorted(range(len(sentences)), key=lambda place: -len(sentences[place]))
        lengths = np.array([len(sentences[place]) for place in order])
        longest = int(lengths.max(initial=0))
        ids = np.zeros((len(order), longest + 4), dtype=np.int64)
        types = self.types
        for line, place in enumerate(order):
            tokens = (*_START, *sentences[place], *_END)
            ids[line, : lengths[line] + 4] = [types[token] if token in types else self._type(token) for token in tokens]
        own, around, masks, pairs = self._tables()
        chosen = np.zeros((len(order), longest), dtype=np.int64)
        before = np.full(len(order), self.before - 2)
        earlier = np.full(len(order), self.before - 1)
        for at in range(longest):
            n = int(np.searchsorted(-lengths, -at))  # sentences that have a word here
            here = ids[:n, at + 2]
            scores = own[here] + self.of_tags[before[:n], earlier[:n]] + self.of_pairs[pairs[here, before[:n]]]
            for side, step in enumerate((0, 1, 3, 4)):
                scores += around[ids[:n, at + step], side]
            scores += masks[here, int(at == 0)]
            earlier[:n] = before[:n]
            before[:n] = chosen[:n, at] = scores.argmax(axis=1)
        answer: list[list[str]] = [[] for _ in sentences]
        for line, place in enumerate(order):
            answer[place] = [self.classes[tag] for tag in chosen[line, : lengths[line]]]
        return answer

    def _row(self, *features: str) -> NDArray[np.int32]:
        """What these features say for each class (C,)."""
        row = np.zeros(len(self.classes), dtype=np.int32)
        for feature in features:
            if feature in self.weights:
                row += self._feature(feature)
        return row

    def _feature(self, feature: str) -> NDArray[np.int32]:
        if feature not in self.features:
            row = self.features[feature] = np.zeros(len(self.classes), dtype=np.int32)
            for tag, weight in self.weights[feature].items():
                row[self.place[tag]] = round(1000 * weight)
        return self.features[feature]

    def _forget(self) -> None:
        self.types: dict[str, int] = {}
        self.tables: tuple[NDArray[np.int32], ...] = ()
        self.new: list[tuple[Any, ...]] = []  # of tokens that are not in the tables yet

    def _tables(self) -> tuple[NDArray[np.int32], ...]:
        """For each token what it says of its own tag (C,), and of the tags of the words two and one after it, one and
        two before it (4, C); which tags it may have, elsewhere and as the first word (2, C); and the row of `of_pairs`,
        by the tag before it (C + 2,)."""
        if self.new:
            new = [np.array(rows, dtype=np.int32) for rows in zip(*self.new, strict=True)]
            tables = zip(self.tables, new, strict=True) if self.tables else [(rows,) for rows in new]
            self.tables, self.new = tuple(map(np.concatenate, tables)), []
        return self.tables

    def _type(self, token: str) -> int:
        """The number of a token that was not seen yet."""
        word = token if token in (*_START, *_END) else self.normalise(token)
        end = word[-3:]
        own = self._row("bias", f"i suffix {token[-3:]}", f"i pref1 {token[:1]}", f"i word {word}")
        sides = (
            (f"i-2 word {word}",),
            (f"i-1 word {word}", f"i-1 suffix {end}"),
            (f"i+1 word {word}", f"i+1 suffix {end}"),
            (f"i+2 word {word}",),
        )
        around = [self._row(*features) for features in sides]
        masks = [self._mask(token, is_first) for is_first in (False, True)]
        pairs = np.zeros(self.before, dtype=np.int32)
        for tag, row in self.pairs.get(word, {}).items():
            pairs[tag] = row
        self.new.append((own, around, masks, pairs))
        self.types[token] = len(self.types)
        return self.types[token]

    def _mask(self, token: str, is_first: bool) -> NDArray[np.int32]:
        """What is added to the scores (C,): 0 for the tags that it may have."""
        allowed = self.rule(token, is_first) & self.every if self.rule else self.every
        allowed = allowed or self.every
        fixed = self.fixed.get(token)
        if fixed in allowed:
            allowed = frozenset({fixed})
        if allowed not in self.masks:
            mask = [0 if tag in allowed else _FORBIDDEN for tag in self.classes]
            self.masks[allowed] = np.array(mask, dtype=np.int32)
        return self.masks[allowed]
