"""The lesson as a spreadsheet: each formula, computed by something that knows nothing of lessons, gives the trace."""

import io
import json
import math
import re
import shutil
import subprocess
from base64 import b64decode
from dataclasses import replace
from functools import cache

import numpy as np
import openpyxl
import pytest
from openpyxl.formula import Tokenizer
from openpyxl.utils import range_boundaries
from scipy.special import ndtr

from explorer.answers import Document
from explorer.cli import main
from explorer.errors import UserError
from explorer.lessons.cells import Cell
from explorer.lessons.edits import Edit, edited
from explorer.lessons.example import Example, article_example, own_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.renderings import check_size, render, sheets, spreadsheet
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.questions.lessons import Lesson as LessonQuestion
from explorer.transformer import checkpoint
from explorer.transformer.configuration import Configuration
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import Vocabulary
from explorer.translation.translators import SHIPPED
from tests.lessons.examples import small_embedding
from tests.lessons.odd_words import SOURCE, TARGET, odd_lesson


def own(**configuration):
    return own_example(small_embedding(), ["you", "are", "you"], ["de", "nada"], Configuration(4, **configuration))


EXAMPLES = {
    "article": article_example,
    "two layers, SGD": lambda: replace(article_example(seed=1, layers=2, heads=1), optimiser="sgd"),
    "as in training": lambda: replace(article_example(seed=1), smoothing=0.1, dropout=0.2),
    "all switches": lambda: own(
        norm="pre", activation="gelu", positions="learned", tied=True, scaled=True, layers=1, d_ff=4
    ),
    "wide": lambda: own_example(small_embedding(), ["you"] * 14, ["de"], Configuration(4, heads=1, d_ff=14)),
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


@cache
def read(content):
    return openpyxl.load_workbook(io.BytesIO(content))


class Sheets:
    """A workbook as a spreadsheet computes it: the numbers of its formulas, from the numbers that are given."""

    def __init__(self, content, changed=()):
        self.book = read(content)
        self.computed = dict(changed)
        for sheet in self.book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
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
        rows = [
            [self.number(sheet, row, column) for column in range(left, right + 1)] for row in range(top, bottom + 1)
        ]
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


def assert_documents_compute(told):
    """The notebook, which checks itself, and the spreadsheet compute what the lesson has."""
    cells = json.loads(render(told, "ipynb"))["cells"]
    exec("\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code"), {})
    assert_the_lesson(Sheets(render(told, "xlsx")), told)


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


@cache
def told(name):
    return lesson(EXAMPLES[name]())


@cache
def written(name):
    return render(told(name), "xlsx")


@pytest.fixture
def article():
    return told("article")


@pytest.fixture
def content():
    return written("article")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_that_is_computed_is_the_traces(name):
    assert_the_lesson(Sheets(written(name)), told(name))


def test_a_long_sum_is_written_with_ranges():
    book = read(written("wide"))
    formulas = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    for name in ("=MMULT(", "=SUM(", "=SUMPRODUCT("):
        assert any(formula.startswith(name) for formula in formulas)
    assert max(map(len, formulas)) < 250


def test_nothing_that_is_computed_stands_there_as_a_number(article, content):
    """Numbers are the parameters, and what no lesson computes: masks, positions from 0, which row was read."""
    plan = sheets.Plan(article)
    plan.draw(None)
    given = [block.matrix for sheet in plan.sheets for block in sheet.blocks if block.content is None]
    assert {matrix.tensor.name for matrix in given if matrix.tensor} == set(article.trace.parameters)
    assert {matrix.caption for matrix in given if not matrix.tensor} == {
        "mask",
        "position, from 0",
        "divisor of the column",
        "1 where the row was read",
        "wanted: 1 for the right word",
    }
    about = read(content)["About"]
    constants = {about.cell(row, 1).value for row in range(1, about.max_row + 1) if about.cell(row, 2).value}
    assert constants == {"√d_k", "d", "n", "ε", "η", "1 − β₁", "1 − β₂"}


@pytest.mark.parametrize(
    "cell", ["source.table[4,1]", "target.table[1,0]", "encoder.0.self_attention.query.weight[2,3]"]
)
def test_a_weight_that_changes_changes_the_loss_as_it_does_in_the_lesson(article, content, cell):
    cell, number = Cell.parse(cell), 0.7
    sheet, top, left = Sheets(content).place(cell.shown.name)
    row, column = cell.index
    changed = Sheets(content, {(sheet, top + row, left + column): number}.items())
    after = edited(article, [Edit(cell, number)])
    assert_the_lesson(changed, after)
    assert abs(changed.named("loss").item() - article.trace["loss"].value.item()) > 1e-6


def test_the_learning_rate_is_a_cell(article, content):
    about = Sheets(content).book["About"]
    (row,) = [row for row in range(1, about.max_row + 1) if about.cell(row, 1).value == "η"]
    assert about.cell(row, 2).value == article.update.rate
    changed = Sheets(content, {("About", row, 2): 0.5}.items())
    assert_the_lesson(changed, lesson(replace(article.example, rate=0.5)))


HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-1+1",
    "=1",
    "\t=1",
    "'",
    "{=1}",
    "\x02",
    "1",
)


def test_a_word_is_a_word_whatever_it_begins_with():
    vocabularies = Vocabulary.of([HOSTILE]), Vocabulary.of([HOSTILE])
    sizes = [len(vocabulary) for vocabulary in vocabularies]
    configuration = Configuration(4, layers=1, d_ff=4, source_words=sizes[0], target_words=sizes[1])
    translator = Translator.fresh(configuration, *vocabularies, 0)
    told = lesson(Example("=1+1", translator, HOSTILE, HOSTILE[:2], "@SUM(1)"))
    sheets = Sheets(render(told, "xlsx", part(told, step="target.input")))
    cells = [cell for sheet in sheets.book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    assert {"@SUM(1)", "\N{REPLACEMENT CHARACTER}", *HOSTILE} - {"\x02"} <= {cell.value for cell in cells}
    assert all(cell.quotePrefix for cell in cells)


def test_every_word_is_there_and_the_file_takes_none_for_markup():
    told = odd_lesson()
    book = openpyxl.load_workbook(io.BytesIO(render(told, "xlsx", part(told, step="target.input"))))
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {*SOURCE, *TARGET} <= cells


def test_a_part_has_the_sheets_that_it_stands_on_and_opens_at_its_own(article):
    book = openpyxl.load_workbook(io.BytesIO(render(article, "xlsx", part(article, chapter=3))))
    assert book.sheetnames == ["About", "1 Words become vectors", "2 Where each word stands", "3 Encoder 1"]
    assert book.active.title == "3 Encoder 1"
    sheets = Sheets(render(article, "xlsx", part(article, step="encoder.0.self_attention.scores")))
    assert "encoder.0.self_attention.scores" in sheets.book.defined_names
    assert "encoder.0.self_attention.scaled" not in sheets.book.defined_names
    book = openpyxl.load_workbook(io.BytesIO(render(article, "xlsx", part(article, step="source.tokens"))))
    assert book.sheetnames == ["About"]  # it has no matrix
    tied = told("all switches")  # the step's first share of a gradient comes from further back
    sheets = Sheets(render(tied, "xlsx", part(tied, step="back.similarities")))
    assert np.ravel(sheets.named("gradient.target.table")) == pytest.approx(
        np.ravel(tied.trace["target.table"].gradient), abs=1e-12
    )


def test_a_lesson_that_no_spreadsheet_opens_with_ease_is_refused_in_a_sentence():
    trained = lesson(trained_example(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"]))
    for refused in (check_size, render):
        with pytest.raises(UserError, match="As xlsx this lesson has more than 200,000 numbers and formulas"):
            refused(trained, "xlsx")
    check_size(trained, "xlsx", part(trained, chapter=1))


def test_a_sheet_has_so_many_columns(article, monkeypatch):
    monkeypatch.setattr(sheets, "_MOST_COLUMNS", 20)
    with pytest.raises(UserError, match="more than 20 columns on a sheet"):
        check_size(article, "xlsx")


def test_sheets_are_called_as_the_chapters(content):
    titles = read(content).sheetnames
    assert titles[:2] == ["About", "1 Words become vectors"]
    assert titles[5] == "5 Decoder 1 masked self"
    assert len(titles) == len(set(titles)) == 20
    assert all(len(title) <= 31 and not re.search(r"[\[\]:*?/\\']", title) for title in titles)


def test_a_spreadsheet_is_a_file_or_stands_in_json_as_base64(tmp_path, capsys):
    out = tmp_path / "lesson.xlsx"
    assert main(["lesson", "--article", "--chapter", "1", "--decimals", "6", "-o", str(out)]) == 0
    book = openpyxl.load_workbook(out)
    assert {cell.number_format for cell in book["1 Words become vectors"]["B"] if cell.value} >= {"0.000000"}
    assert main(["lesson", "--article", "--format", "xlsx"]) == 2
    assert "name a file with -o" in capsys.readouterr().err
    answer = LessonQuestion(article=True, document="xlsx", step="source.embedding").answer()
    in_json = answer.as_json()
    assert in_json["form"] == "xlsx"
    assert openpyxl.load_workbook(io.BytesIO(b64decode(in_json["base64"]))).sheetnames == [
        "About",
        "1 Words become vectors",
    ]
    assert isinstance(answer, Document)
    assert answer.content.startswith(b"PK")


def test_libreoffice_computes_the_same(content, tmp_path):
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed; on Debian: apt install libreoffice-calc-nogui")
    (tmp_path / "lesson.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", "computed", "lesson.xlsx"]
    subprocess.run(convert, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    computed = openpyxl.load_workbook(tmp_path / "computed" / "lesson.xlsx", data_only=True)
    for (sheet, row, column), number in Sheets(content).computed.items():
        assert computed[sheet].cell(row, column).value == pytest.approx(number, rel=1e-9, abs=1e-12)
