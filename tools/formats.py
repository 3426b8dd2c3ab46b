"""The page docs/formats.md, made from what is said of the formats in `explorer/embeddings/formats/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from explorer.embeddings.bounds import EXPORT_FORMATS
from explorer.embeddings.formats.others import OTHERS
from explorer.embeddings.formats.packing import PACKINGS
from explorer.embeddings.formats.recognition import FORMATS
from explorer.embeddings.formats.report import KEPT, KINDS, MOST_ROWS, MOST_SHARE, BadRows


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
                (kind, "kept with escapes" if kind in KEPT else "left out", BadRows(kind, 1, [(3, "ferry")]).sentence)
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
