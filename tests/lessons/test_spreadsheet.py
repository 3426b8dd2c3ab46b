"""The lesson as a spreadsheet: every formula, computed once more by who knows nothing of the lesson, gives the trace."""

import io
import math
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from functools import cache

import numpy as np
import openpyxl
import pytest
from openpyxl.formula import Tokenizer
from openpyxl.utils import range_boundaries
from scipy.special import ndtr

import explorer as ex
from explorer.cli import main
from explorer.errors import UserError
from explorer.initialisation.fitting import SHIPPED
from explorer.lessons.cells import Cell
from explorer.lessons.edits import Edit, edited
from explorer.lessons.example import Example, article_example, own_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.renderings import check_size, render, spreadsheet
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.transformer import checkpoint
from explorer.transformer.model import Configuration
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import Vocabulary
from tests.lessons.odd_words import SOURCE, TARGET, odd_lesson
from tests.lessons.test_lesson import small_embedding


def own(**configuration):
    return own_example(small_embedding(), ["you", "are", "you"], ["de", "nada"], Configuration(4, **configuration))


EXAMPLES = {
    "article": article_example,
    "two layers, SGD": lambda: replace(article_example(seed=1, layers=2, heads=1), optimiser="sgd"),
    "as in training": lambda: replace(article_example(seed=1), smoothing=0.1, dropout=0.2),
    "all switches": lambda: own(norm="pre", activation="gelu", positions="learned", tied=True, scaled=True),
    "wide": lambda: own_example(small_embedding(), ["you"] * 14, ["de"] * 14, Configuration(4, heads=1, layers=1)),
    "encoder": lambda: replace(article_example(), target=()),
}
CALLS = {
    "SUM": lambda *ranges: math.fsum(np.concatenate([np.ravel(each) for each in ranges])),
    "SUMPRODUCT": lambda array: float(np.sum(array)),
    "MMULT": lambda x, y: (x @ y).item(),
    "MAX": lambda *ranges: max(np.concatenate([np.ravel(each) for each in ranges])),
    "EXP": math.exp,
    "LN": math.log,
    "SIN": math.sin,
    "COS": math.cos,
    "SQRT": math.sqrt,
    "PI": lambda: math.pi,
    "_xlfn.NORM.S.DIST": lambda x, cumulative: float(ndtr(x)),
    "IF": lambda condition, yes, no: yes if condition else no,
}


REFERENCE = re.compile(r"(?:'[^']+'!|About!)?\$?[A-Z]{1,3}\$?[0-9]+(?::\$?[A-Z]{1,3}\$?[0-9]+)?")


@cache
def _compiled(formula):
    """A formula whose references are all called A1, as a function of what they hold: token by token in Python's
    words. A minus sign in front binds closer than ^ in a spreadsheet, not so in Python, so they never meet."""
    words, references = [], 0
    for token in Tokenizer(formula).items:
        match token.type, token.subtype:
            case "OPERAND", "RANGE":
                words.append(f"cells[{references}]")
                references += 1
            case "OPERAND", "LOGICAL":
                words.append(token.value.title())
            case "FUNC", "OPEN":
                words.append(f"calls[{token.value[:-1]!r}](")
            case "OPERATOR-INFIX", _:
                words.append({"^": "**", "=": "==", "<>": "!="}.get(token.value, token.value))
            case "OPERATOR-PREFIX", _:
                assert "^" not in formula
                words.append(token.value)
            case "WHITE-SPACE", _:
                pass
            case _:
                words.append(token.value)
    return eval(f"lambda *cells: {''.join(words)}", {"__builtins__": {}, "calls": CALLS})


class Sheets:
    """A workbook as a spreadsheet computes it: the numbers of its formulas, from the numbers that are given."""

    def __init__(self, content, changed=()):
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.computed = dict(changed)
        self.formulas = 0
        for sheet in self.book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        self.formulas += 1
                        self.number(sheet.title, cell.row, cell.column)

    def number(self, sheet, row, column):
        if (sheet, row, column) not in self.computed:
            cell = self.book[sheet].cell(row, column)
            value = self._evaluate(sheet, cell.value) if cell.data_type == "f" else cell.value
            assert isinstance(value, (int, float)), f"{sheet}!{cell.coordinate}: {cell.value}"
            self.computed[sheet, row, column] = value
        return self.computed[sheet, row, column]

    def _evaluate(self, here, formula):
        references = REFERENCE.findall(formula)
        return _compiled(REFERENCE.sub("A1", formula))(*(self.cells(here, each) for each in references))

    def cells(self, here, address):
        sheet, _, area = address.replace("$", "").rpartition("!")
        sheet = sheet.strip("'") or here
        left, top, right, bottom = range_boundaries(area)
        rows = [[self.number(sheet, row, column) for column in range(left, right + 1)] for row in range(top, bottom + 1)]
        return np.array(rows) if ":" in area else rows[0][0]

    def named(self, name):
        return self.cells("", self.book.defined_names[name].attr_text)

    def place(self, name):
        sheet, _, area = self.book.defined_names[name].attr_text.replace("$", "").rpartition("!")
        left, top, *_ = range_boundaries(area)
        return sheet.strip("'"), top, left


def name_of(shown):
    return {VALUE: "", GRADIENT: "gradient.", UPDATED: "updated."}[shown.side] + shown.name


def expected(told):
    """All tensors of the trace, their gradients and what the optimiser makes of the table, where a step shows them."""
    shown = {each for step in told.steps for each in step.shown}
    return {*shown, *(Shown(name) for name in told.trace.parameters if not told.example.encoder_only)}


def assert_the_lesson(sheets, told, tolerance=1e-12):
    names = set(sheets.book.defined_names)
    for shown in expected(told):
        assert name_of(shown) in names
    for name in names:
        side, _, rest = name.partition(".")
        shown = Shown(rest, side) if side in (GRADIENT, UPDATED) else Shown(name)
        array, numbers = np.ravel(told.array(shown)), np.ravel(sheets.named(name))
        masked = np.isneginf(array)
        assert (numbers[masked] < 0.9 * spreadsheet.MASKED).all()
        assert numbers[~masked] == pytest.approx(array[~masked], rel=1e-9, abs=tolerance), name


@pytest.fixture(scope="module", params=EXAMPLES)
def told(request):
    return lesson(EXAMPLES[request.param]())


@pytest.fixture(scope="module")
def article():
    return lesson(article_example())


def test_every_number_that_is_computed_is_the_traces(told):
    sheets = Sheets(render(told, "xlsx"))
    assert_the_lesson(sheets, told)
