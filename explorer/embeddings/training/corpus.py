"""A text corpus as a stream of paragraphs, and a paragraph as a list of tokens."""

import bz2
import gzip
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from explorer.errors import UserError
from explorer.texts import _

# Letters and digits, joined inside by one hyphen, dot or apostrophe: dc-3, u.s, don't.
JOINED_WORD = r"[^\W_]+(?:[-.'][^\W_]+)*"
POSSESSIVE = re.compile(r"(?<=[^\W_])'s\b", re.IGNORECASE)
_TOKEN = re.compile(JOINED_WORD)
_DECOMPRESSED: dict[str, Callable[[BinaryIO], Iterable[bytes]]] = {
    ".gz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".xz": lzma.LZMAFile,
    ".bz2": bz2.BZ2File,
}

Progress = Callable[[float], None]


class CorpusError(UserError):
    """A corpus that cannot be read; the message says why and what to do."""


def straighten(text: str) -> str:
    """The text with typographic apostrophes made plain, so that *don’t* is *don't*."""
    return text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def tokenise(text: str) -> list[str]:
    """Lower-cased tokens of a text: words and numbers with inner hyphens, dots and apostrophes.

    A possessive *'s* is cut off and dropped, so that *airplane's* counts as *airplane*.
    """
    text = straighten(text.lower())
    return _TOKEN.findall(POSSESSIVE.sub(" ", text) if "'s" in text else text)


def paragraphs(path: Path, progress: Progress = lambda share: None) -> Iterator[str]:
    """The lines of a UTF-8 text file, plain or compressed (.gz, .xz, .bz2), one paragraph each.

    `progress` is told the share of the file's bytes read so far, 0 to 1.
    Raises CorpusError for a file that is missing, no file, empty, binary, or cut off in mid-archive.
    """
    if not path.exists():
        raise CorpusError(
            _("There is no corpus at {path}. Give the path of a text file, plain or .gz, .xz, .bz2.", path=path)
        )
    if not path.is_file():
        raise CorpusError(_("{path} is not a file; a corpus is one text file, plain or .gz, .xz, .bz2.", path=path))
    size = path.stat().st_size
    blank = True
    number = 0
    try:
        with open(path, "rb") as raw:
            lines = _DECOMPRESSED.get(path.suffix, iter)(raw) if size else ()
            for number, line in enumerate(lines, start=1):
                if b"\0" in line:
                    raise CorpusError(
                        _("{path} is not text: there is a zero byte in line {number}.", path=path, number=number)
                    )
                blank = blank and not line.strip()
                yield line.decode("utf-8").rstrip("\r\n")
                if number % 256 == 0:
                    progress(raw.tell() / size)
    except UnicodeDecodeError as error:
        raise CorpusError(
            _("{path} is not UTF-8 text: {reason} in line {number}.", path=path, reason=error.reason, number=number)
        ) from error
    except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise CorpusError(
            _("{path} cannot be read to its end: {error}. Copy or download it again.", path=path, error=error)
        ) from error
    if blank:
        raise CorpusError(_("{path} is empty: there is nothing in it to read.", path=path))
    progress(1.0)


def write_sentences(corpus: Path, sentences: Path, progress: Progress = lambda share: None) -> tuple[Counter[str], int]:
    """Write a corpus's tokens to a file, one paragraph a line, blanks between.

    Returns how often each word occurs, and the number of lines. Raises CorpusError as `paragraphs` does, or where
    there is text but no word in it.
    """
    counts: Counter[str] = Counter()
    lines = 0
    with open(sentences, "w", encoding="utf-8", newline="\n") as out:
        for paragraph in paragraphs(corpus, progress):
            if tokens := tokenise(paragraph):
                out.write(" ".join(tokens) + "\n")
                counts.update(tokens)
                lines += 1
    if not lines:
        raise CorpusError(_("{corpus} holds no words to train on.", corpus=corpus))
    return counts, lines
