"""The page docs/formats.md, made from what is said of the formats in `explorer/embeddings/formats/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from explorer.embeddings.bounds import EXPORT_FORMATS
from explorer.embeddings.formats.letters import ENCODINGS
from explorer.embeddings.formats.others import OTHERS
from explorer.embeddings.formats.packing import PACKINGS
from explorer.embeddings.formats.recognition import FORMATS
from explorer.embeddings.formats.report import KEPT, KINDS, MOST_ROWS, MOST_SHARE, BadRow, BadRows
from explorer.embeddings.formats.words import MOST_COLUMNS


def formats() -> str:
    """Every format of vectors: by what it is known, and what becomes of its bad rows."""
    parts = [
        "# Files of vectors",
        "Made from `explorer/embeddings/formats/` by `python -m tools.reference`. Change that, not this.",
        "A file is known by what is in it, whatever its name. It is compared with the formats in this order. Words in "
        "a file of their own are given with `--metadata`, or lie beside the vectors: `mine_metadata.tsv` beside "
        "`mine_tensor.tsv`, or where a `projector_config.json` says.",
        _table(
            ("format", "is known by", "its words", "bad rows"),
            (
                (
                    ", ".join(form.titles),
                    form.sign,
                    "may stand in a file of their own" if form.takes_words else "stand in the file",
                    form.rows or "as below",
                )
                for form in FORMATS
            ),
        ),
        f"Each may be packed: with {', '.join(PACKINGS)}; also one in another. Beside the vectors, an archive may hold "
        "texts about them, such as a README.md.",
        f"A text is in UTF-8, or in {' or '.join(ENCODINGS)}, which is known by its mark or by its zeros. Of a file in "
        "another encoding, the one that it may be in is named, with what its words are in it; nothing is guessed and "
        "read.",
        "## Further columns",
        f"A table may have up to {MOST_COLUMNS} columns beside the word and the vector, such as a category or a year. "
        "They travel with the words, and can be asked for. Where titles end in numbers, as `d0`, `d1` …, these are the "
        "vector; else all columns of numbers are. A note says which they are, and which columns are kept beside them. "
        "A first column of whole numbers that never rise, as of no other column, has counts. Numbers with commas "
        "between thousands (`1,234.5`) are read where a comma can be nothing else; where it may be a decimal comma, a "
        "note names the column. Fortran's exponents (`1.5D-03`) and the minus sign of typesetters (`−`) are "
        "read where most rows have them. In JSON, a field that is the same in every row is no word: where none else "
        "has a text, as in the answer of an embedding service, give the texts with `--metadata`.",
        "## Bad rows",
        "Rows that cannot be used do not cost the others. They are left out and counted, and the first of each kind "
        "are named: on the page, by the command, in its JSON and in the model's card (`source.report`). A file is "
        f"refused with the same report where more than {MOST_ROWS} rows and more than {MOST_SHARE:.0%} of all are "
        "bad, or where none is good. With `--strict`, the first bad row refuses the file. A header that promises "
        "another number of rows than there are is said, and all rows are read. A vector of zeros is no bad row: it is "
        "kept, and a note says that nothing is near to it.",
        _table(
            ("kind", "what becomes of it", "is said like this"),
            (
                (
                    kind,
                    "kept with escapes" if kind in KEPT else "left out",
                    BadRows(kind, 1, [BadRow(3, "ferry", 4, "0,12x" if kind == "no number" else "")]).sentence,
                )
                for kind in KINDS
            ),
        ),
        "## What is not read",
        "What people bring by mistake is named for what it is, with a way out.",
        _table(("a file that …", "is known by", "the way out"), ((each.what, each.sign, each.out) for each in OTHERS)),
        "Lines that Git left between two versions, rows of pairs such as `7:0.5`, a vocabulary with counts, and "
        "archives of several files are named as well.",
        "## What is written",
        f"`explorer export` writes {', '.join(f'`{form}`' for form in EXPORT_FORMATS)}.",
    ]
    return "\n\n".join(parts) + "\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *([_escaped(cell) for cell in row] for row in rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(cell: str) -> str:
    for sign in ("\\", "|", "<", "*", "_", "["):
        cell = cell.replace(sign, f"\\{sign}")
    return cell
