"""The formats that are read, in the order in which a file is compared with them: by what is in it, not by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.embeddings.formats.letters import is_text
from explorer.embeddings.formats.notation import put_in_todays_notation
from explorer.embeddings.formats.source import FormatError, Source, empty
from explorer.errors import cut
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings.formats.rows import VectorFile


_SAMPLE = 2**14  # bytes that tell what a file is that cannot be read
_NUMBER = re.compile(rb"\d[.,]?\d")  # as it is in most lines of vectors, whatever separates them
_ECHO = 60  # letters of its first line that are shown


@dataclass(frozen=True)
class Format:
    """Formats that one `module` of this package reads: their `titles`, as a card has them; by which `sign` each is
    known; whether a list of words goes with them; and what is special about their bad rows."""

    module: str
    titles: tuple[str, ...]
    sign: str
    takes_words: bool = False
    rows: str = ""


FORMATS = (
    Format("fasttext", ("fastText",), _("its magic number, or the twelve small integers of the oldest files")),
    Format(
        "arrays",
        ("NumPy array", "NumPy archive", "GloVe's own binary", "projector's tensor"),
        _("\\x93NUMPY; a zip archive of .npy files; numbers in binary such as vectors have, of eight or of four bytes"),
        takes_words=True,
    ),
    Format("columns", ("Parquet", "Arrow"), _("PAR1; ARROW1 (Feather 2), or a stream of Arrow"), takes_words=True),
    Format(
        "tokens",
        ("safetensors with a tokenizer",),
        _("eight bytes of a length, and a header in JSON"),
        takes_words=True,
        rows=_("rows without a token, with which tables are padded, are left out without a word"),
    ),
    Format(
        "lines",
        ("JSON Lines", "JSON"),
        _("lines that are objects with a text and a list of numbers, or one list or object of these"),
        takes_words=True,
    ),
    Format(
        "table",
        (
            "CSV",
            "CSV with decimal commas",
            "CSV with semicolons",
            "CSV with semicolons and decimal commas",
            "text with tabs",
            "text with commas",
            "text with decimal commas",
            "text with bars",
            "text with brackets",
        ),
        _(
            "lines of as many fields, of which most are numbers, with commas, semicolons or bars between them, or tabs "
            "where several are texts, decimal commas in them, or brackets around them"
        ),
        takes_words=True,
    ),
    Format(
        "projector",
        ("projector TSV", "numbers with a list of words"),
        _("lines of numbers alone, with tabs or spaces between them; a first column that counts them is left out"),
        takes_words=True,
    ),
    Format(
        "text",
        ("word2vec text", "GloVe text"),
        _("lines of a word and as many numbers; with a line of two whole numbers before them, or without"),
        rows=_(
            "a word may have spaces in it, and end in a number where the header or most rows say how many there are"
        ),
    ),
    Format(
        "binary",
        ("word2vec binary",),
        _("a line of two whole numbers, and then no text"),
        rows=_("a row that was cut is left out"),
    ),
)


def titles() -> str:
    """What can be read, for a sentence."""
    return ", ".join(title for each in FORMATS for title in each.titles)


def recognise(source: Source, metadata: Path | None) -> VectorFile:
    """The file in its format. Raises FormatError for what has none, and for words that it does not take."""
    put_in_todays_notation(source)
    for each in FORMATS:
        # Only who reads a file needs its reader: a model is opened every time, its file is read once.
        source.rewind()
        file: VectorFile | None = import_module(f"explorer.embeddings.formats.{each.module}").read_head(
            source, metadata
        )
        if file is None:
            continue
        if metadata and not each.takes_words:
            raise FormatError(
                _(
                    "{name} was read as {format}, which has words of its own: leave {metadata_name} out, or "
                    "mend {name} if it should have numbers only. Metadata are the words of a "
                    "file that has numbers only.",
                    name=source.name,
                    format=file.format,
                    metadata_name=metadata.name,
                )
            )
        return file
    raise _unknown(source)


def _unknown(source: Source) -> FormatError:
    """The sentence for a file in none of the formats: what it seems to be, or how it begins."""
    source.rewind()
    sample = source.stream.read(_SAMPLE)
    name, lines = source.name, [line for line in sample.splitlines() if line.strip()]
    if not lines:
        return empty(name)
    if not is_text(sample):
        return FormatError(
            _("{name} is no file of vectors that can be read here. {formats}", name=name, formats=_all())
        )
    if max(len(_NUMBER.findall(line)) for line in lines) < 2:
        return FormatError(
            _(
                "{name} has text and no numbers. If it is a list of words, import the file of vectors, and give this "
                "one with it (on the command line: --metadata {name}).",
                name=name,
            )
        )
    return FormatError(
        _(
            "{name} is no file of vectors that can be read here: its first line is “{line}”. {formats}",
            name=name,
            line=cut(lines[0].strip().decode(errors="replace"), _ECHO),
            formats=_all(),
        )
    )


def _all() -> str:
    return _(
        "These can: {titles}; each also with gzip, xz, bzip2 or Zstandard, or alone in a zip or tar archive.",
        titles=titles(),
    )
