"""A file that somebody brought, unpacked and as text: its first bytes, its encoding, its lines."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TextIO

from explorer.errors import UserError, cut
from explorer.texts import _

LARGEST = 2 * 2**30  # bytes that a file may unpack to
LONGEST_LINE = 2**24  # characters
LABEL = "__label__"  # which begins the lines of fastText's labelled texts
_LABELLED = re.compile(rf"{LABEL}[^\s,;|]\S*\s")
_LONGEST_REASON = 200  # characters of what a library says
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)  # what unpacking a damaged file raises
_SAMPLE = 2**16  # bytes that tell the format
DELIMITERS = ("\t", ",", ";", "|")
_PACKED = {rb"\x1f\x8b": gzip.open, rb"BZh[1-9](1AY&|\x17rE8)": bz2.open, rb"\xfd7zXZ\0": lzma.open}
_BYTE_ORDERS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of other bytes
_PLAIN = re.compile(r"\.txt(\.(gz|bz2|xz))?$", re.IGNORECASE)
_ENTRY = rb"PK\x03\x04(?:.*?PK\x03\x04)?.{26}"  # of a zip archive, up to its name
_OTHERS = (  # how files begin that are brought in place of a text or a table
    (
        _ENTRY + rb"(xl/(workbook|worksheets|sharedStrings)|mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet)",
        _("is a spreadsheet. Save it as CSV, in UTF-8."),
    ),
    (
        _ENTRY + rb"(\[Content_Types\]|word/document|ppt/presentation|mimetypeapplication/)",
        _("is a text document, a book or a presentation. Save what it says as plain text, in UTF-8."),
    ),
    (
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        _("is a file of an old office program. Save a spreadsheet as CSV, a document as plain text, in UTF-8."),
    ),
    (
        rb"PK(\x03\x04|\x05\x06)|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07",
        _("is an archive. Unpack it, and give the file in it."),
    ),
    (rb"\x80[\x02-\x05]", _("is a pickle, which could run any program: it is not read. Save it as CSV or Parquet.")),
    (rb"ARROW1\0\0|FEA1\0", _("is a file of Arrow (Feather). Save the table as Parquet or CSV.")),
    (rb"%PDF-\d", _("is a PDF document. Give the table or the text itself.")),
    (rb"version https://git-lfs", _("is a Git LFS pointer. Run “git lfs pull” in its folder.")),
    (
        rb"(?i)(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html|head)\b",
        _("is a web page. Open its address in a browser, and save the file itself."),
    ),
    (rb"(\xef\xbb\xbf)?\s*<\?xml\s", _("is XML, which is not read. Save the table in it as CSV or JSON.")),
)


class TableError(UserError):
    """A table that cannot be read; the message says why and what to do."""


def is_plain_text(path: Path, name: str = "", is_header: Callable[[Sequence[str]], bool] = lambda cells: False) -> bool:
    """Whether a file is text rather than a table: it ends in .txt, packed or not, and its first line has no tab, is no
    header of a table, and has no label of fastText's. Raises TableError for a file that is missing or damaged."""
    name = name or path.name
    if not _PLAIN.search(name):
        return False
    first = re.split("[\r\n]", beginning(head_of(path, name))[0], maxsplit=1)[0]
    headers = ([cell.strip() for cell in first.split(delimiter)] for delimiter in DELIMITERS)
    return "\t" not in first and not is_labelled(first) and not any(map(is_header, headers))


def is_labelled(line: str) -> bool:
    """Whether a line is one of fastText's, and not the header of a column that is called by its mark."""
    return _LABELLED.match(line) is not None


def text_lines(path: Path, name: str = "") -> Iterator[str]:
    """The lines of a plain text, packed or not; errors call it by `name`, or as the file is called. Raises TableError
    for a file that is missing, damaged, or no text in UTF-8 or UTF-16."""
    name = name or path.name
    head = head_of(path, name)
    refuse_other(head, name)
    text, encoding = beginning(head)
    if head.startswith(b"PAR1") or "\0" in text:
        raise TableError(_("{name} is no plain text. Save it as text, in UTF-8.", name=name))
    mixed = False
    try:
        for number, line in lines_of(path, name, encoding):
            if not line.isascii():
                check_text(name, number, line, mixed, _("line"))
                mixed = True
            if "\0" in line:
                raise TableError(_("{name} is no plain text: line {number} has a zero byte.", name=name, number=number))
            yield line.rstrip("\n")
    except UnicodeDecodeError as error:  # UTF-16 that ends within a letter
        raise damaged(name, error) from error


def lines_of(path: Path, name: str, encoding: str, newline: str | None = None) -> Iterator[tuple[int, str]]:
    """The lines of a file, each with its number from 1; of one above LONGEST_LINE its parts."""
    with opened_text(path, name, encoding, newline) as lines:
        yield from enumerate(iter(lambda: lines.readline(LONGEST_LINE), ""), start=1)


def head_of(path: Path, name: str) -> bytes:
    """The first bytes of a file, unpacked."""
    if path.is_dir():
        raise TableError(_("{path} is a folder. Name the file of texts in it.", path=path))
    if not path.is_file():
        raise TableError(_("There is no file at {path}. Give the path of a table of texts.", path=path))
    try:
        with opened(path) as raw:
            return raw.read(_SAMPLE)
    except _UNREADABLE as error:
        raise damaged(name, error) from error


def beginning(head: bytes) -> tuple[str, str]:
    """The text that first bytes are, from its first line that is not empty on, and its encoding."""
    encoding = next((order for mark, order in _BYTE_ORDERS.items() if head.startswith(mark)), "utf-8-sig")
    text = head.decode(encoding, "surrogateescape" if encoding == "utf-8-sig" else "replace")
    return text.lstrip("\n\r"), encoding


def refuse_other(head: bytes, name: str) -> None:
    """Raise TableError for a file that begins as what is brought in place of a text or a table."""
    for pattern, what in _OTHERS:
        if re.match(pattern, head, re.DOTALL):
            raise TableError(_("{name} {what}", name=name, what=what))


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked."""
    with path.open("rb") as file:
        head = file.read(8)
    unpack: Any = next((each for magic, each in _PACKED.items() if re.match(magic, head)), open)
    with unpack(path, "rb") as raw:
        yield raw


@contextmanager
def opened_text(path: Path, name: str, encoding: str, newline: str | None) -> Iterator[TextIO]:
    """The text of a file, unpacked, in which a byte that is none of the encoding stays, for `check_text`."""
    with opened(path) as raw:
        yield io.TextIOWrapper(counted(raw, name), encoding, "surrogateescape", newline=newline)


def counted(raw: IO[bytes], name: str) -> IO[bytes]:
    """The bytes, of which no more are read than LARGEST: a packed file of a few kB can hold any number."""

    class Counted(io.RawIOBase):
        read_bytes = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            try:
                data = raw.read(len(buffer))
            except _UNREADABLE as error:
                raise damaged(name, error) from error
            self.read_bytes += len(data)
            if self.read_bytes > LARGEST:
                raise TableError(
                    _("{name} has more than {largest} GB. Take a part of it.", name=name, largest=LARGEST // 2**30)
                )
            buffer[: len(data)] = data
            return len(data)

    return io.BufferedReader(Counted(), 2**18)


def check_text(name: str, number: int, cell: str, mixed: bool, unit: str = _("row")) -> None:
    """Raise TableError for a cell or a line with bytes that are no UTF-8."""
    if not (wrong := _NOT_UTF8.search(cell)):
        return
    where, byte = wrong.start(), ord(wrong[0]) - 0xDC00
    before = cell[max(0, where - 20) : where].encode("utf-8", "replace").decode()
    kind = (
        _("What stands before it is UTF-8, so the file mixes encodings.")
        if mixed
        else _("The file seems to be in another encoding, such as Windows-1252.")
    )
    raise TableError(
        _(
            "{name}, {unit} {number} is not UTF-8: the byte {byte:#x} stands after “{before}”. {kind} Save all of it "
            "as UTF-8.",
            name=name,
            unit=unit,
            number=number,
            byte=byte,
            before=before,
            kind=kind,
        )
    )


def damaged(name: str, error: Exception) -> TableError:
    return TableError(
        _(
            "{name} is damaged: {error}. Get the file again.",
            name=name,
            error=cut(str(error).rstrip("."), _LONGEST_REASON),
        )
    )
