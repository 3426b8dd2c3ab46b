"""Build the phrase book: `python -m tools.build_phrasebook` writes `phrasebook.tsv` from scratch.

It joins the handwritten phrases of `phrases.tsv` with sentences of the grammar and divides them into parts.

Conventions. Lower-case words with blanks between, as the vectors have them: no punctuation but inner apostrophes
(*don't*, *o'clock*), Spanish accents and ñ kept; and no English *'s*, which the vectors' tokeniser cuts off (*it is*
stands here, never *it's*). An English phrase has one Spanish translation, as spoken in Spain: "you" is *tú* everywhere;
speaker, listener and "they" are masculine where nothing says otherwise; *él*, *ella* and *ellos* are kept, since "he"
and "she" would be lost without them, while *yo*, *tú* and *nosotros* are dropped.

Parts. Handwritten phrases are all for training, since an idiom cannot be put together from its words. The test and the
validation part hold sentences of known words in unseen combinations: every word of theirs, on both sides, occurs in the
training part, and each has two English words that stand together in no training phrase.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

from explorer.data.pairs import PHRASEBOOK, TEST, TRAIN, VALIDATION, Pair, handwritten, shuffled, write_pairs
from tools.grammar.sentences import generate

SEED = 1
TESTS, VALIDATIONS = 800, 400


def build() -> list[Pair]:
    """The whole phrase book: the handwritten phrases first, then the generated sentences."""
    by_hand = {pair.source: pair.target for pair in handwritten()}
    generated = {text.english: text.spanish for text in generate(SEED) if text.english not in by_hand}
    book = by_hand | generated
    held_out = _unseen_combinations(book, shuffled(generated, SEED))
    tests, validations = held_out[:TESTS], held_out[TESTS : TESTS + VALIDATIONS]
    parts = dict.fromkeys(tests, TEST) | dict.fromkeys(validations, VALIDATION)
    return [Pair(parts.get(source, TRAIN), source, target) for source, target in book.items()]


def _unseen_combinations(book: dict[str, str], order: Iterable[str], enough: int = 3) -> list[str]:
    """Sources to hold out, in this order: `enough` others keep each of their words, and none keeps some two of them."""
    words, together = Counter[str](), Counter[tuple[str, str]]()
    for source, target in book.items():
        words.update(_words(source, target))
        together.update(_combinations(source))
    held_out = []
    for source in order:
        own_words, own_combinations = _words(source, book[source]), _combinations(source)
        known = all(words[word] > enough for word in own_words)
        # What is held out is counted no more, so later removals can't undo what is found here.
        if known and any(together[combination] == 1 for combination in own_combinations):
            held_out.append(source)
            words.subtract(own_words)
            together.subtract(own_combinations)
    return held_out


def _words(source: str, target: str) -> set[str]:
    """The words of both sides, told apart by language."""
    return {f"en {word}" for word in source.split()} | {f"es {word}" for word in target.split()}


def _combinations(source: str) -> set[tuple[str, str]]:
    return set(combinations(sorted(set(source.split())), 2))


if __name__ == "__main__":
    write_pairs(PHRASEBOOK, build())
