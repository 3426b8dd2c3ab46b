"""Text that is no UTF-8 with line feeds: UTF-16 and UTF-32, as Windows writes them, and lines that end as on old Macs.

It is put into UTF-8 with line feeds on the way, so that no reader needs to know. Other encodings have no sign: in which
of them words may be is only advice, from the words themselves.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from explorer.embeddings.formats.forwards import PIECE, stream_of

_SAMPLE = 2**16  # bytes that tell
_PLAIN = 32  # characters that tell where nothing is marked
_MARKS = (  # the longer ones first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = ("UTF-16", "UTF-32")  # beside UTF-8
_LATIN = ("cp1252", "cp1250")  # of the west and of the middle of Europe
_OTHERS = [
    "cp1251", "koi8_r", "cp866", "iso8859_5", "cp1253", "cp1255", "cp1256", "cp874", "gb18030", "big5", "cp932",
    "euc_jp", "cp949",
]  # fmt: skip
_FEW = 16  # bytes, too few to tell those
_ALL_FOREIGN = 2  # bytes: no longer word of a Latin alphabet is without an English letter
_IN_WORDS = frozenset(" '-_.\N{RIGHT SINGLE QUOTATION MARK}")


def is_text(sample: bytes, encoding: str = "utf-8") -> bool:
    """Whether bytes look like text: floats in binary have control characters in them, and are no UTF-8."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return not re.search("[\x00-\x08\x0e-\x1f]", text)


def in_utf8(stream: BinaryIO) -> BinaryIO:
    """The stream itself, or its text in UTF-8 with line feeds."""
    stream.seek(0)
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    encoding = _encoding(sample)
    if encoding != "utf-8":
        sample = codecs.getincrementaldecoder(encoding)().decode(sample).encode()
    returns = b"\r" in sample and b"\n" not in sample and is_text(sample)
    if encoding == "utf-8" and not returns:
        return stream

    def pieces() -> Iterator[bytes]:
        stream.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        while piece := stream.read(PIECE):
            if encoding != "utf-8":
                piece = decoder.decode(piece).encode()
            yield piece.replace(b"\r", b"\n") if returns else piece

    return stream_of(pieces)


def _encoding(sample: bytes) -> str:
    """In which encoding the text is; UTF-8 also for what is none."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark) and is_text(sample, encoding):
            return encoding
    pairs = sample[: 2 * _PLAIN]
    for encoding, first in (("utf-16-le", 0), ("utf-16-be", 1)):
        # of plain letters and digits every other byte is zero, of numbers in binary hardly so many
        if len(pairs) == 2 * _PLAIN and not any(pairs[1 - first :: 2]) and is_text(sample, encoding):
            return encoding
    return "utf-8"


def likely_encoding(words: Sequence[bytes]) -> str:
    """In which encoding words may be that are not UTF-8, empty where that cannot be told.

    Where most letters are English ones, or where there are few, it is the first of Windows for Europe in which all
    others are letters too.
    """
    import charset_normalizer  # only few files need it

    text = b"".join(words)
    if len(text) < _FEW and any(len(word) > _ALL_FOREIGN and min(word) >= 0x80 for word in words):
        return ""
    if len(text) < _FEW or 2 * sum(byte < 0x80 for byte in text) > len(text):
        return next((encoding for encoding in _LATIN if _are_letters(text, encoding)), "")
    best = charset_normalizer.from_bytes(b"\n".join(words), cp_isolation=_OTHERS).best()
    return best.encoding.replace("_", "-") if best else ""


def _are_letters(text: bytes, encoding: str) -> bool:
    try:
        return all(letter.isalnum() or letter in _IN_WORDS for letter in text.decode(encoding) if letter > "\x7f")
    except UnicodeDecodeError:
        return False
