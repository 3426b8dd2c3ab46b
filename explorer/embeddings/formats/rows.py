"""What every file of vectors gives: blocks of words and rows, checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.report import Kind
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.subwords import Subwords
from explorer.texts import _, _n

MOST_WORDS = 20_000_000
MOST_DIMENSIONS = 10_000
LONGEST_WORD = 1_000  # bytes; whole sentences and addresses have fewer
_MOST_LETTERS = 2**28  # of all words together, which are in memory: 13 a word where there are as many as can be
_DIGITS = 64  # bytes of a number as text
_SHORTEST = 1e-15  # the length of a vector: the squares of shorter ones vanish or lose digits in float32
_INVISIBLE = " \t\r\v\f"  # of which alone no word is made; a no-break space is one in GloVe's files
_NAMED = 3  # words with vectors of zeros that are named
_BLOCK = 2**18  # numbers read at a time: all that is in memory of a file; other threads run in between


@dataclass(frozen=True, eq=False)
class Block:
    """Some of a file's words and their vectors; `rows` say where in the file each stands, from 0; `fields` are what the
    file has for each in further columns."""

    words: list[str]
    vectors: Array  # (n, d) float32
    rows: Sequence[int]
    counts: list[int] | None = None
    norms: Array = field(default_factory=lambda: np.empty(0))  # (n,) float64, which `VectorFile.blocks` adds
    fields: list[tuple[str, ...]] | None = None


class VectorFile(ABC):
    """A file of vectors whose head has been read; `blocks` reads the rest, once.

    `report` has what a reader of the answers should know; all of it is there after the last block.
    """

    format: str
    subwords: Subwords | None = None
    columns: tuple[str, ...] = ()  # the names of what blocks have as `fields`

    def __init__(self, source: Source, dimensions: int) -> None:
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise FormatError(
                _(
                    "{name} says that it has {dimensions:,} dimensions, but 1 to {most_dimensions:,} can be read.",
                    name=source.name,
                    dimensions=dimensions,
                    most_dimensions=MOST_DIMENSIONS,
                )
            )
        self.source = source
        self.report = source.report
        self.dimensions = dimensions
        self.rows_at_a_time = max(1, _BLOCK // dimensions)
        self.longest_line = LONGEST_WORD + _DIGITS * (dimensions + 1)

    @property
    def notes(self) -> list[str]:
        """A sentence for each thing in the report."""
        return self.report.sentences

    def say_columns(self, vector: str) -> None:
        """Note which columns are the `vector`, where there are others, which travel with the words."""
        if self.columns:
            self.report.say(
                _n(
                    "{vector}; {columns} is kept beside it.",
                    "{vector}; {columns} are kept beside it.",
                    len(self.columns),
                    vector=vector,
                    columns=", ".join(self.columns),
                )
            )

    @abstractmethod
    def _blocks(self) -> Iterator[Block]: ...

    def _share(self, rows: int) -> float | None:
        """How much is done after so many rows; None where that is how far the file was read."""
        return None

    def blocks(self) -> Iterator[Block]:
        """The rows that can be used, in the order of the file; the report has the others.

        Raises FormatError for what cannot be a vocabulary with vectors; where the report is strict, for the first bad
        row, and otherwise at the end, where too many were bad.
        """
        name = self.source.name
        rows: dict[str, int] = {}
        letters = 0
        zeros: list[str] = []
        for block in self._blocks():
            if len(rows) + len(block.words) > MOST_WORDS:
                raise FormatError(
                    _(
                        "{name} holds more than {most_words:,} words. Take its most frequent ones.",
                        name=name,
                        most_words=MOST_WORDS,
                    )
                )
            block = self._usable(block, rows)
            letters += sum(map(len, block.words))
            if letters > _MOST_LETTERS:
                raise FormatError(
                    _(
                        "The words of {name} have more than {most_letters:,} letters. Take shorter ones.",
                        name=name,
                        most_letters=_MOST_LETTERS,
                    )
                )
            zeros += [block.words[place] for place in np.flatnonzero(block.norms == 0)]
            if block.words:
                yield block
            self.source.step(self._share(len(rows)))
        # no word shows that the file is in UTF-8; of one with escapes, a part may look like it by chance
        if all(word.isascii() or "\\x" in word for word in rows):
            self.report.name_encoding()
        if refusal := self.report.refusal(name, len(rows)):
            raise FormatError(str(refusal))
        if not rows:
            raise FormatError(
                _(
                    "{name} holds no words: after its beginning no row follows. Save it again with the program that "
                    "made it, or get it again.",
                    name=name,
                )
            )
        if zeros:
            self.report.say(_about_zeros(zeros, len(rows)))

    def _usable(self, block: Block, rows: dict[str, int]) -> Block:
        """The rows of a block that can be used, which are entered into `rows`, with their lengths."""
        norms, unusable = lengths(block.vectors)
        bad = set(np.flatnonzero(unusable).tolist())
        for place in sorted(bad):
            word = block.words[place]
            kind, problem = _unusable(norms[place], f"“{word}”", self.source.name)
            self.report.bad(kind, block.rows[place], word, problem)
        for place, (word, row) in enumerate(zip(block.words, block.rows, strict=True)):
            if place in bad:
                continue
            if not word.strip(_INVISIBLE) or "\n" in word:
                self.report.bad("no word", row, "", self.no_word(row))
            elif 4 * len(word) > LONGEST_WORD and len(word.encode()) > LONGEST_WORD:
                self.report.bad("long word", row, word, _too_long(len(word.encode()), row, self.source))
            elif rows.setdefault(word, row) != row:
                self.report.bad("word twice", row, word, self.twice(word, rows[word], row))
            else:
                continue
            bad.add(place)
        if not bad:
            return replace(block, norms=norms)
        places = [place for place in range(len(block.words)) if place not in bad]
        return Block(
            [block.words[place] for place in places],
            block.vectors[places],
            [block.rows[place] for place in places],
            block.counts and [block.counts[place] for place in places],
            norms[places],
            block.fields and [block.fields[place] for place in places],
        )

    def decoded(self, word: bytes, row: int) -> str:
        """A word as text, with escapes for what is not UTF-8, as gensim and the reader of fastText write them."""
        try:
            return word.decode()
        except UnicodeDecodeError as error:
            problem = FormatError(
                _(
                    "The word in {where} of {name} is not UTF-8 ({word!r}): save the file as UTF-8 and "
                    "import it again.",
                    where=self.report.place(row),
                    name=self.source.name,
                    word=word[:40],
                )
            )
            problem.__cause__ = error
            self.report.not_utf8(row, word, self.source.name, problem)
            return word.decode(errors="backslashreplace")

    def no_word(self, row: int) -> FormatError:
        """The sentence for a row that counts from 0."""
        return FormatError(
            _(
                "{where} of {name} has no word, or one with a line break in it.",
                where=self.report.place(row).capitalize(),
                name=self.source.name,
            )
        )

    def twice(self, word: str, first: int, second: int) -> FormatError:
        """The sentence for a word that has two rows; they count from 0."""
        return FormatError(
            _(
                "“{word}” stands twice in {name}, in {first} and {second}: keep one.",
                word=word,
                name=self.source.name,
                first=self.report.place(first),
                second=self.report.place(second),
            )
        )

    def promised(self, words: int, rows: int) -> None:
        """Note that a header does not tell the truth of the number of rows."""
        if words != rows:
            values = {"name": self.source.name, "words": words, "rows": rows}
            self.report.say(
                _(
                    "The header of {name} promises {words:,} words, but the file holds {rows:,} rows: it may have been "
                    "cut short.",
                    **values,
                )
                if rows < words
                else _("The header of {name} promises {words:,} words, but the file holds {rows:,} rows.", **values),
                FormatError(
                    _(
                        "The header of {name} promises {words:,} words, but the file holds {rows:,}: it was cut "
                        "short, or its header is wrong. Get the file again, or mend its first line.",
                        **values,
                    )
                ),
            )


def lengths(vectors: Array) -> tuple[Array, Array]:
    """The lengths (n,) float64 of vectors (n, d), and which of them (n,) cannot be compared in float32.

    These have NaN or infinite values, or lengths whose squares are too large or too small.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        norms: Array = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        # NaN is not less than anything; of a distance, 2 q·x − ‖x‖² has to be finite
        unusable: Array = ~(4 * norms * norms < np.finfo(np.float32).max)
    return norms, unusable | ((norms > 0) & (norms < _SHORTEST))


def compared(vectors: Array, name: Callable[[int], str], file: str) -> Array:
    """The lengths (n,) float64 of vectors (n, d), all of which can be compared with each other in float32.

    Raises FormatError where one cannot; `name` says whose row it is.
    """
    norms, unusable = lengths(vectors)
    if unusable.any():
        row = int(np.argmax(unusable))
        raise _unusable(norms[row], name(row), file)[1]
    return norms


def _unusable(norm: float, name: str, file: str) -> tuple[Kind, FormatError]:
    """Of which kind a vector is that cannot be compared, by its length, and the sentence for it."""
    if norm < _SHORTEST:
        return "too short", FormatError(
            _(
                "The vector of {name} in {file} has a length of only {norms:.1e}, too little to be compared with "
                "others: below {shortest:.0e} the digits are lost. Leave it out, or write zeros; if all vectors are "
                "so short, multiply them by one large number.",
                name=name,
                file=file,
                norms=norm,
                shortest=_SHORTEST,
            )
        )
    return "not finite", FormatError(
        _(
            "The vector of {name} in {file} has NaN or infinite values, or so large ones "
            "that their squares are infinite, so nothing can be compared with it. Leave it out; if all vectors are so "
            "long, divide them by one large number.",
            name=name,
            file=file,
        )
    )


def _too_long(size: int, row: int, source: Source) -> FormatError:
    return FormatError(
        _(
            "{where} of {name} has a word of {word:,} bytes, but a word has at most "
            "{longest_word:,}. Is it damaged? If not, shorten that word.",
            where=source.report.place(row).capitalize(),
            name=source.name,
            word=size,
            longest_word=LONGEST_WORD,
        )
    )


def _about_zeros(words: Sequence[str], among: int) -> str:
    named = ", ".join(f"“{word}”" for word in words[:_NAMED]) + (", …" if len(words) > _NAMED else "")
    return _n(
        "{count:,} of {among:,} vectors is all zeros, and nothing is near to it: {named}.",
        "{count:,} of {among:,} vectors are all zeros, and nothing is near to them: {named}.",
        len(words),
        among=among,
        named=named,
    )


def whole(text: str) -> str:
    """A text that UTF-8 can hold, with escapes for halves of characters, which JSON can have."""
    return text.encode(errors="backslashreplace").decode()
