"""Answers as CSV."""

import csv
import io
from collections.abc import Iterable
from typing import Any


def csv_text(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> str:
    """A header line and one line a row, as RFC 4180 has it; None is an empty field.

    Words stay as they are, also one such as =1+1, which a spreadsheet may take for a formula: with a sign before it, it
    would be another word to every other program.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
