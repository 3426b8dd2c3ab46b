"""A report as PDF: pages of A4 with the fonts in them, the same bytes for the same parts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Image, KeepTogether, ListFlowable, Preformatted, SimpleDocTemplate, Spacer
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from explorer.initialisation.writing import Block, Code, Heading, Items, Paragraph, Picture, Table
from explorer.palette import INK, LINE, QUIET

_FONTS = {"sans": "DejaVuSans", "bold": "DejaVuSans-Bold", "mono": "DejaVuSansMono"}  # that matplotlib brings
_MARGIN = 50.0  # points, as all lengths here
_WIDE, _HIGH = A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN - 60  # of a figure, which leaves its caption room
_BETWEEN = 10.0  # columns of a table
_LONGEST_WORD = 120.0  # that is not broken in a table
_CELL, _SMALLEST = 7.5, 4.5  # letters of a table, and of one that is too wide
_PIXEL = 72 / 200  # of a figure
_CODE_LINE = 110  # letters

_ink, _quiet, _line = (HexColor(colour[0]) for colour in (INK, QUIET, LINE))
_style = partial(ParagraphStyle, fontName="sans", fontSize=9, leading=13, textColor=_ink, spaceAfter=6)
_BODY = _style("body")
_ITEM = _style("item", spaceAfter=0)
_CAPTION = _style("caption", fontSize=7.5, leading=10, textColor=_quiet)
_TITLE = _style("title", fontSize=7.5, leading=10, textColor=_quiet, keepWithNext=1, spaceBefore=8)
_CODE = _style("code", fontName="mono", fontSize=7, leading=9)
_HEADINGS = {
    level: _style(
        f"heading {level}", fontName="bold", fontSize=size, leading=1.3 * size, spaceBefore=size, keepWithNext=1
    )
    for level, size in ((1, 16), (2, 12), (3, 9))
}


def to_pdf(title: str, blocks: Iterable[Block]) -> bytes:
    """The document; what the fonts lack, such as Chinese characters, stands as a replacement character."""
    _register()
    out = io.BytesIO()
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN - 6)  # a frame has 6
    document = SimpleDocTemplate(out, pagesize=A4, title=title, author="", invariant=1, **margins)
    document.build([each for block in blocks for each in _flowables(block)], _page_number, _page_number)
    return out.getvalue()


@cache
def _register() -> None:
    rl_config.useA85 = 0  # images as bytes: as text they are a quarter larger
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for name, file in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, folder / f"{file}.ttf"))


def _page_number(canvas: Any, document: Any) -> None:
    canvas.setFont("sans", 7)
    canvas.setFillColor(_quiet)
    canvas.drawRightString(A4[0] - _MARGIN, _MARGIN / 2, str(document.page))


def _flowables(block: Block) -> Iterator[Flowable]:
    match block:
        case Heading(level, text):
            yield Text(_marked_up(text, "bold"), _HEADINGS[level])
        case Paragraph(text):
            yield Text(_marked_up(text), _BODY)
        case Items(sentences, folded):
            if folded:
                yield Text(_marked_up(folded, "bold"), _HEADINGS[3])
            items = [Text(_marked_up(sentence), _ITEM) for sentence in sentences]
            yield ListFlowable(
                items, bulletType="bullet", start="•", bulletFontName="sans", bulletFontSize=8, leftIndent=12
            )
        case Table():
            yield from _grid(block)
        case Picture(_name, text, draw):
            image = Image(io.BytesIO(draw(form="png")), hAlign="LEFT")
            image._restrictSize(min(image.imageWidth * _PIXEL, _WIDE), _HIGH)
            yield KeepTogether([Spacer(0, 6), image, Text(_marked_up(text), _CAPTION)])
        case Code(text):
            yield Preformatted(_printable(text.rstrip(), "mono"), _CODE, maxLineLength=_CODE_LINE, newLineChars="  ")


def _grid(table: Table) -> Iterator[Flowable]:
    """Columns as wide as their cells; where that is too wide, cells are broken, and at last letters are smaller."""
    columns = list(zip(table.columns, *table.rows, strict=True))
    unbroken = [_BETWEEN + max(map(_length, column)) for column in columns]
    broken = [_BETWEEN + min(max(map(_length, " ".join(column).split(" "))), _LONGEST_WORD) for column in columns]
    scale = min(1.0, _WIDE / sum(broken))
    room, spare = _WIDE / scale - sum(broken), sum(unbroken) - sum(broken)
    share = min(1.0, max(room, 0) / spare) if spare else 0.0
    widths = [scale * (least + share * (most - least)) for least, most in zip(broken, unbroken, strict=True)]
    size = max(_CELL * scale, _SMALLEST)
    cells = [
        [
            Text(
                _marked_up(cell),
                _style(
                    "cell", fontSize=size, leading=1.3 * size, spaceAfter=0, alignment=2 if number else 0,
                    textColor=_quiet if not row else _ink,
                ),
            )
            for cell, number in zip(line, table.numbers, strict=True)
        ]
        for row, line in enumerate((table.columns, *table.rows))
    ]  # fmt: skip
    rules = [("LINEABOVE", (0, 1), (-1, -1), 0.4, _line), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    paddings = [("LEFTPADDING", 0), ("RIGHTPADDING", _BETWEEN * scale - 0.5), ("TOPPADDING", 2), ("BOTTOMPADDING", 2)]
    style = [*rules, *((name, (0, 0), (-1, -1), points) for name, points in paddings)]
    yield Text(_marked_up(table.title), _TITLE)
    yield Grid(cells, widths, repeatRows=1, splitInRow=1, style=style, hAlign="LEFT", spaceAfter=10)


def _length(text: str) -> float:
    return float(pdfmetrics.stringWidth(_printable(text), "sans", _CELL))


def _marked_up(text: str, font: str = "sans") -> str:
    return escape(_printable(text, font), quote=False)


def _printable(text: str, font: str = "sans") -> str:
    """The text with what the font has; a character that it lacks is the one that says so."""
    glyphs = pdfmetrics.getFont(font).face.charToGlyph
    return "".join(c if c == "\n" or ord(c) in glyphs else "\N{REPLACEMENT CHARACTER}" for c in text)
