"""Numbers that are written otherwise than programs write them today: with Fortran's exponents, as 1.5D-03, or with the
minus sign of typesetters, as −0.5. They are put into today's notation on the way, so that no reader needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from explorer.embeddings.formats.forwards import PIECE, stream_of
from explorer.embeddings.formats.source import LONGEST_LINE, Source
from explorer.texts import _

_SAMPLE = 2**16  # bytes that tell
_MINUS = b"(?:" + "|".join("−–‐\N{NON-BREAKING HYPHEN}－").encode() + b")"  # and what is taken for one
_SIGN = rb"((?:[-+]|" + _MINUS + rb")?+)"
_NUMBER = (  # possessive, for a line may be nothing but digits
    rb"(?=[^ \t,;|\]\r\n]{0,40}?(?:[dD]|" + _MINUS + rb"))"
    rb"(?P<quote>\")?+" + _SIGN + rb"(?!\d++[dD]\d)"  # 2D10 is a code
    rb"(\d++\.?+\d*+|\.\d++)"
    rb"(?:([dDeE])" + _SIGN + rb"(\d{1,3}+))?+(?(quote)(?=\"|,\d)|(?=[ \t,;|\]\r\n]|\Z))"
)
_BEHIND_A_WORD = re.compile(rb"(?<=[ \t,;|\[])" + _NUMBER)
_ANYWHERE = re.compile(rb"(?:^|(?<=\xef\xbb\xbf)|(?<=[ \t,;|\[]))" + _NUMBER, re.MULTILINE)
_SIGNS = re.compile(_MINUS + rb"[\d.]|\d\.?[dD][-+\d]|\d[eE]" + _MINUS)
_JSON = re.compile(rb"\s*[\[{]\s*[\"\[{]")  # which has no such numbers, so that only its texts would change
_BEGINS = re.compile(rb"\s*\"?(?:[-+]|" + _MINUS + rb")?\.?\d")


def put_in_todays_notation(source: Source) -> None:
    """Let a source go on as its text with all numbers in today's notation, which is said.

    Where at most half of its first lines have another one, it is left as it is: there it is an error of a row.
    """
    stream = source.stream
    source.rewind()
    sample = stream.read(_SAMPLE)
    if b"\0" in sample or _JSON.match(sample) or not _SIGNS.search(sample):
        return
    lines = [line for line in sample.splitlines() if line.strip()]
    below = lines[1:] or lines  # the titles of the columns, perhaps
    number = _ANYWHERE if all(map(_BEGINS.match, below)) else _BEHIND_A_WORD
    numbers = [match for line in lines if (match := number.search(line))]
    if 2 * len(numbers) <= len(lines):
        return

    def pieces() -> Iterator[bytes]:
        stream.seek(0)
        while piece := stream.read(PIECE):
            yield number.sub(_today, piece + stream.readline(LONGEST_LINE))

    source.stream = stream_of(pieces)
    source.report.say(
        _(
            "Numbers of {name} such as “{number}” were read as {today}.",
            name=source.name,
            number=numbers[0][0].decode().strip('"'),
            today=_today(numbers[0]).decode().strip('"'),
        )
    )


def _today(number: re.Match[bytes]) -> bytes:
    quote, sign, mantissa, letter, power, exponent = number.groups(default=b"")
    return re.sub(_MINUS, b"-", quote + sign + mantissa + (b"e" if letter else b"") + power + exponent)
