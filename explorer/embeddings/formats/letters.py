"""Text that is no UTF-8 with line feeds: UTF-16 and UTF-32, as Windows writes them, and lines that end as on old Macs.

It is put into UTF-8 with line feeds on the way, so that no reader needs to know.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
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
