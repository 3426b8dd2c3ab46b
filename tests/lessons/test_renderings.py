"""Every rendering has the trace's numbers, and shows words as the words they are."""

import base64
import hashlib
import json
import math
import re
import shutil
import subprocess

import numpy as np
import pytest
from lxml import etree, html
from markdown_it import MarkdownIt

from explorer.errors import UserError
from explorer.lessons import glossary, renderings
from explorer.lessons.equations import equations
from explorer.lessons.example import article_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import in_latex, read, rounded
from explorer.lessons.prose import Span, spans
from explorer.lessons.renderings import FORMATS, check_size, render
from explorer.lessons.renderings import json as as_json
from explorer.lessons.renderings.markdown import anchors
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.transformer import checkpoint
from explorer.translation.translators import SHIPPED
from explorer.writing.documents import literal
from explorer.writing.latex import escaped
from tests.lessons.odd_words import SOURCE, TARGET, odd_lesson


@pytest.fixture(scope="module")
def article():
    return lesson(article_example())


@pytest.fixture(scope="module")
def odd():
    return odd_lesson()


@pytest.fixture(scope="module")
def told(request):
    return request.getfixturevalue(request.param)


both = pytest.mark.parametrize("told", ["article", "odd"], indirect=True)


def as_number(text):
    return read(text.replace("∞", "inf"))


def assert_rounded(texts, numbers, decimals):
    """Each text is its number to so many decimals, or in powers of ten where that would show nothing."""
    assert len(texts) == len(numbers)
    for text, number in zip(texts, numbers, strict=True):
        if "·" in text:
            assert as_number(text) == pytest.approx(number, rel=0.06)
            assert abs(number) < 0.5 * 10**-decimals
        elif math.isfinite(number):
            assert len(text.partition(".")[2]) == decimals
            assert abs(as_number(text) - number) <= 0.5000001 * 10**-decimals
            assert "-" not in text
        else:
            assert as_number(text) == number


def read_markdown(text):
    """The page that another reader makes of it: CommonMark with GitHub's tables."""
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return html.fromstring(f"<div>{page}</div>")


def rows_of(table):
    return [[cell.text_content() for cell in row] for row in table.iter("tr")]


CAPTIONED = re.compile(r"^(gradient of |after the step: )?([a-z0-9_.]+), \$")
SIDE = {None: VALUE, "gradient of ": GRADIENT, "after the step: ": UPDATED}


def numbers_shown(told, shown, rows, columns):
    """The numbers of a tensor in the rows (head, name) and columns of these names, in which one number a token stands
    in a column and a bias in a row."""
    array, labels, axes = told.array(shown), list(told.trace.labels(shown.name)), told.trace[shown.name].axes
    if array.ndim == 0:
        array, labels = array.reshape(1, 1), [("",), ("",)]
    elif array.ndim == 1:
        upright = axes[0] in ("source", "target")
        array, labels = (array[:, None], [*labels, ("",)]) if upright else (array[None], [("",), *labels])
    heads, down, across = labels if array.ndim == 3 else [("",), *labels]
    array = array.reshape(len(heads), len(down), len(across))
    return [[array[heads.index(head), down.index(row), across.index(c)] for c in columns] for head, row in rows]


@pytest.mark.parametrize(("told", "decimals"), [("article", 2), ("article", 6), ("odd", 4)], indirect=["told"])
def test_the_markdowns_numbers_are_the_traces(told, decimals):
    page = read_markdown(render(told, "md", decimals=decimals))
    formulas = [code.text_content().rstrip("\n") for code in page.iter("code") if code.get("class") == "language-math"]
    assert formulas == [formula for step in told.steps for formula in step.formulas]
    printed = []
    for table in page.iter("table"):
        caption = CAPTIONED.match(table.getprevious().text_content())
        if not caption or caption[2] not in told.trace:  # what lies between tensors
            continue
        shown = Shown(caption[2], SIDE[caption[1]])
        (first, *columns), *rows = rows_of(table)
        if first == "head":
            names, texts = [tuple(row[:2]) for row in rows], [row[2:] for row in rows]
            columns = columns[1:]
        else:
            names, texts = [("", row[0]) for row in rows], [row[1:] for row in rows]
        numbers = numbers_shown(told, shown, names, columns)
        assert_rounded([text for row in texts for text in row], np.ravel(numbers).tolist(), decimals)
        left_out = "more" in table.getprevious().text_content()
        assert left_out == (np.size(numbers) < told.array(shown).size)
        printed.append(shown)
    expected = {shown for step in told.steps for shown in step.shown} | {Shown(name) for name in told.trace.parameters}
    assert {shown.side for shown in expected} == {VALUE, GRADIENT, UPDATED}
    assert expected <= set(printed)
    assert len(printed) == len(set(printed))


@both
def test_markdown_holds_no_html_and_no_word_becomes_markup(told):
    text = render(told, "md")
    assert not re.search(r"(?<!\\)<", text)
    page = read_markdown(text)
    assert {element.tag for element in page.iter()} <= set(
        "div h1 h2 h3 p em a pre code ul li table thead tbody tr th td".split()
    )
    pair = f"{' '.join(told.example.source)} → {' '.join(told.example.target)}"
    assert page.find("h1").text_content() == pair
    assert page.text_content().count(told.example.origin) == 1
    headings = [heading.text_content() for heading in page.iter("h1", "h2", "h3")]
    targets = dict(zip(anchors(headings), headings, strict=True))
    for link in page.iter("a"):
        heading = targets[link.get("href")[1:]]
        if step := re.fullmatch(r"step (\d+\.\d+)", link.text_content()):
            assert heading.startswith(f"{step[1]} ")
        else:  # a term's heading, not that of a step with the same name
            assert heading.islower() or heading == "Adam"


@both
def test_the_page_is_self_contained(told):
    text = render(told, "html")
    page = html.fromstring(text)
    assert not list(page.iter("link", "img", "iframe", "object"))
    assert not [name for element in page.iter() for name in element.attrib if name == "src" or name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    (policy,) = (each.get("content") for each in page.iter("meta") if each.get("http-equiv"))
    scripts = [script.text for script in page.iter("script") if script.get("type") != "application/json"]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in scripts]
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src {' '.join(hashes)}"
    ids = {element.get("id") for element in page.iter() if element.get("id")}
    assert all(link.get("href")[0] == "#" and link.get("href")[1:] in ids for link in page.iter("a"))
    assert {step.key for step in told.steps} < ids
    sides = [" ".join(words) for words in (told.example.source, told.example.target)]
    assert [side.text_content() for side in page.findall(".//h1/bdi")] == sides  # which Hebrew does not swap
    assert page.text_content().count(told.example.origin) == 1


def payloads(page):
    """The equations that the script draws."""
    data = page.findall(".//div[@data-explorer-tensors]/script")
    return [equation for each in data for equation in json.loads(each.text)["equations"]]


@both
def test_the_pages_equations_have_every_digit(told):
    drawn = payloads(html.fromstring(render(told, "html")))
    expected = [each for step in told.steps if step.shown for each in equations(told, step)]
    for equation, other in zip(drawn, expected, strict=True):
        matrices = [each for each in equation["parts"] if each["kind"] == "matrix"]
        for each, matrix in zip(matrices, other.matrices, strict=True):
            assert np.frombuffer(base64.b64decode(each["float64"]), "<f8").tolist() == matrix.values.ravel().tolist()
            assert (each["rows"], each["columns"]) == (list(matrix.rows), list(matrix.columns))


@both
def test_the_pages_tables_say_the_same_as_its_markdown(told):
    page, markdown = html.fromstring(render(told, "html")), read_markdown(render(told, "md"))
    tables = [rows_of(table) for table in markdown.iter("table") if table.getprevious().tag == "p"]
    titles = {table.title for step in told.steps for table in step.tables}
    matrices = [t for t in markdown.iter("table") if t.getprevious().text_content() not in titles]
    assert len(matrices) < len(tables)
    figures = page.xpath("//figure")
    for figure, table in zip(figures, matrices, strict=True):
        header, *rows = rows_of(table)
        before = 1 + (header[0] == "head")
        heads = list(dict.fromkeys(row[0] for row in rows)) if before == 2 else [""]
        tables = iter(figure.iter("table"))
        for head in heads:
            own = [row for row in rows if before == 1 or row[0] == head]
            for start in range(before, len(header), 10):  # ten columns at most stand side by side
                part_of_it = next(tables)
                columns = [th.text_content() for th in part_of_it.findall(".//th[@scope='col']")]
                assert columns == [name for name in header[start : start + 10] if name]
                names = [th.text_content() for th in part_of_it.findall(".//th[@scope='row']")]
                assert names == [row[before - 1] for row in own if row[before - 1]]
                texts = [td.text_content() for td in part_of_it.findall(".//td[@class]")]
                assert texts == [text for row in own for text in row[start : start + 10]]
        assert not list(tables)
    lines = [line.text_content().rpartition(" = ")[2] for line in page.find_class("line")]
    assert lines == [item.text_content().rpartition(" = ")[2] for item in markdown.iter("li")]


def test_a_page_of_a_large_lesson_draws_what_is_small_and_shows_the_rest_as_tables():
    translator = checkpoint.load(SHIPPED)
    told = lesson(trained_example(translator, ["you", "are", "welcome"], ["de", "nada"]))
    text = render(told, "html")
    page = html.fromstring(text)
    drawn = {each["name"] for equation in payloads(page) for each in equation["parts"] if each["kind"] == "matrix"}
    assert "encoder.0.self_attention.weights" in drawn
    assert "encoder.0.feed_forward.hidden.weight" not in drawn
    for matrix in page.xpath("//section/div[@class='equation']//figure//table"):
        assert len(matrix.findall(".//tr")) <= 18
        cells = matrix.findall(".//td[@title]")
        assert_rounded([cell.text_content() for cell in cells], [float(cell.get("title")) for cell in cells], 4)


@pytest.mark.parametrize("form", ["md", "html", "tex"])
def test_a_part_says_where_the_vectors_come_from_too(article, form):
    text = render(article, form, part(article, step="decoder.0.self_attention.masked"))
    assert text.count("arbitrary ones of four numbers") == 1


def test_the_colours_of_tables_follow_the_numbers(article):
    def cells(key):
        page = html.fromstring(render(article, "html", part(article, step=key)))
        return page.xpath("(//figure)[last()]//td[@class]")

    for cell in cells("decoder.0.self_attention.masked"):
        number = as_number(cell.text_content())
        assert cell.get("class").startswith("masked" if math.isinf(number) else "n" if number < 0 else "p")
    for cell in cells("encoder.0.self_attention.weights"):
        assert cell.get("class") == f"s{round(32 * as_number(cell.text_content()))}"


def test_every_formula_is_mathml_that_holds_no_latex(article):
    text = render(article, "html")
    page = html.fromstring(text)
    formulas = page.xpath("//math[@display='block']")
    assert len(formulas) == sum(len(step.formulas) for step in article.steps)
    for formula in formulas:
        etree.fromstring(etree.tostring(formula))  # well-formed
        assert not re.search(r"[\\&{}]", formula.text_content())


def test_latex_compiles_and_no_word_disturbs_it(odd, tmp_path):
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex is not installed; on Debian: apt install texlive-latex-recommended")
    (tmp_path / "lesson.tex").write_text(render(odd, "tex", odd.chapters[:3] + odd.chapters[-1:]), encoding="utf-8")
    run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "lesson.tex"]
    for _ in range(2):  # the second time with its table of contents
        finished = subprocess.run(run, cwd=tmp_path, capture_output=True, check=False)
        assert finished.returncode == 0, finished.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "lesson.pdf").read_bytes().startswith(b"%PDF")


def test_latex_compiles_for_a_whole_lesson_and_nothing_runs_off_a_page(tmp_path):
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex is not installed; on Debian: apt install texlive-latex-recommended")
    text = render(lesson(article_example(d_ff=100)), "tex")
    latin = " ".join(escaped(chr(code)) for code in (*range(0x20, 0x250), *range(0x2010, 0x2070), 0x20AC))
    text = text.replace("\\end{document}", f"{latin}\n\\end{{document}}")
    (tmp_path / "lesson.tex").write_text(text, encoding="utf-8")
    run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "lesson.tex"]
    finished = subprocess.run(run, cwd=tmp_path, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stdout.decode(errors="replace")[-2000:]
    assert b"Overfull \\vbox" not in finished.stdout


@both
def test_the_latex_numbers_are_those_of_the_markdown(told):
    text, markdown = render(told, "tex", decimals=3), read_markdown(render(told, "md", decimals=3))
    titles = {table.title for step in told.steps for table in step.tables}
    tables = [rows_of(t) for t in markdown.iter("table") if t.getprevious().text_content() not in titles]
    arrays = re.findall(r"\\begin\{array\}\{l\|r+\}\n.*?\\hline\n(.*?)\n\\end\{array\}", text, flags=re.S)
    cells = [re.split(r"(?<!\\) & ", row)[1:] for array in arrays for row in array.split(" \\\\\n")]
    expected = [row[1 + (table[0][0] == "head") :] for table in tables for row in table[1:]]
    if told.example.title == "Odd words":  # whose many columns stand in several arrays
        assert sum(map(len, cells)) == sum(map(len, expected))
    else:
        numbers = [as_number(text) for row in expected for text in row]
        texts = [re.sub(r" \\cdot 10\^\{(.*)\}", r"·10\1", c).replace("\\infty", "inf") for row in cells for c in row]
        assert [as_number(text) for text in texts] == numbers


@both
def test_each_environment_of_the_latex_ends_and_no_row_is_too_long(told):
    text = render(told, "tex")
    stack = []
    for kind, name, columns in re.findall(r"\\(begin|end)\{(\w+)\}(?:\{([lrc|]+)\})?", text):
        if kind == "begin":
            stack.append((name, columns))
        else:
            assert stack.pop()[0] == name
    assert stack == []
    assert re.sub(r"\\[{}]", "", text).count("{") == re.sub(r"\\[{}]", "", text).count("}")
    for columns, body in re.findall(r"\\begin\{array\}\{(l\|r+)\}\n(.*?)\n\\end\{array\}", text, flags=re.S):
        assert len(columns) - 2 <= 10
        rows = re.split(r" \\\\(?: \\hline)?\n", body)
        assert len(rows) <= 46
        for row in rows:
            assert len(re.findall(r"(?<!\\)&", row)) == len(columns) - 2


def as_array(numbers):
    """Lists of JSON, in which null is what was masked."""
    return np.array(numbers, dtype=float) if numbers is not None else None


@both
def test_json_holds_the_whole_lesson_to_the_last_digit(told):
    answer = json.loads(render(told, "json"))
    assert [s["key"] for c in answer["chapters"] for s in c["steps"]] == [step.key for step in told.steps]
    assert [s["prose"] for c in answer["chapters"] for s in c["steps"]] == [step.prose for step in told.steps]
    trace = answer["trace"]
    assert trace["loss"] == float(told.trace["loss"].value)
    assert list(trace["tensors"]) == [tensor.name for tensor in told.trace]
    assert list(trace["parameters"]) == list(answer["updated"]) == list(told.trace.parameters)
    for name, tensor in (trace["tensors"] | trace["parameters"]).items():
        expected = told.trace[name]
        np.testing.assert_array_equal(
            as_array(tensor["value"]), np.where(np.isfinite(expected.value), expected.value, np.nan)
        )
        assert (tensor["gradient"] is None) == (expected.gradient is None)
        if expected.gradient is not None:
            np.testing.assert_array_equal(as_array(tensor["gradient"]), expected.gradient)
    for name, numbers in answer["updated"].items():
        np.testing.assert_array_equal(as_array(numbers), told.array(Shown(name, UPDATED)))


@pytest.mark.parametrize(
    ("key", "tensors", "parameters", "updated"),
    [
        ("encoder.0.self_attention.scores", {"encoder.0.self_attention.scores"}, set(), set()),
        (
            "encoder.0.self_attention.query",
            {"encoder.0.self_attention.query", "encoder.0.self_attention.projected_query"},
            {"encoder.0.self_attention.query.weight", "encoder.0.self_attention.query.bias"},
            set(),
        ),
        ("back.logits", {"logits"}, {"output.weight", "output.bias"}, set()),
        ("update.embeddings", set(), {"source.table"}, {"source.table"}),
        ("next.beam", set(), set(), set()),
    ],
)
def test_the_json_of_a_step_holds_what_stands_on_it(article, key, tensors, parameters, updated):
    answer = json.loads(render(article, "json", part(article, step=key)))
    assert [step["key"] for chapter in answer["chapters"] for step in chapter["steps"]] == [key]
    assert set(answer["trace"]["tensors"]) == tensors
    assert set(answer["trace"]["parameters"]) == parameters
    assert set(answer["updated"]) == updated
    whole = json.loads(render(article, "json", part(article)))
    for kind in ("tensors", "parameters"):
        assert answer["trace"][kind].items() <= whole["trace"][kind].items()
    assert whole == json.loads(render(article, "json"))


@pytest.mark.parametrize("form", FORMATS)
def test_a_part_is_told_with_the_number_it_has_in_the_whole(article, form):
    chapter, step = part(article, chapter=3), part(article, step="encoder.0.self_attention.scores")
    assert [found.title for found in step] == ["Encoder, layer 1"]
    assert [found.key for found in step[0].steps] == ["encoder.0.self_attention.scores"]
    whole, some, one = (render(article, form, chapters) for chapters in (None, chapter, step))
    assert len(whole) > len(some) > len(one)
    numbered = {"md": "## 3. ", "tex": "{section}{2}", "html": ">3. Encoder", "ipynb": "## 3. ", "json": "Encoder"}
    assert numbered[form] in one
    assert numbered[form] in some
    assert part(article) == article.chapters


@both
@pytest.mark.parametrize("form", FORMATS)
def test_the_same_lesson_gives_the_same_text(told, form):
    assert render(told, form) == render(told, form)


@pytest.mark.parametrize("form", FORMATS)
def test_every_word_is_there(odd, form):
    text = render(odd, form)
    if form == "md":
        text = read_markdown(text).text_content()
    elif form == "html":
        text = html.fromstring(text).text_content()
    elif form == "ipynb":
        cells = json.loads(text)["cells"]
        text = read_markdown(
            "\n\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
        ).text_content()
    elif form == "json":
        text = "\n".join(json.loads(text)["trace"]["tokens"] + json.loads(text)["trace"]["target"])
    for word in SOURCE + TARGET:
        assert (escaped(word) if form == "tex" else word) in text


def test_what_cannot_be_rendered_is_said(article):
    with pytest.raises(UserError, match="no format “docx”"):
        render(article, "docx")
    for decimals in (1, 7):
        with pytest.raises(UserError, match=f"{decimals} decimals"):
            render(article, "md", decimals=decimals)
    for chapter in (0, 99, -1):
        with pytest.raises(UserError, match=f"no chapter {chapter}"):
            part(article, chapter=chapter)
    with pytest.raises(UserError, match="no step “nowhere”"):
        part(article, step="nowhere")


def test_prose_is_read_in_spans():
    prose = "A [[token|word]], *really*, and " + literal("*no* [[term]] <b> 1\n2") + "."
    found = list(spans(prose))
    assert found[:4] == [Span("A "), Span("word", term="token"), Span(", "), Span("really", emphasised=True)]
    assert "".join(span.text for span in found) == "A word, really, and *no* [[term]] <b> 1 2."
    assert not any(span.term or span.emphasised for span in found[4:])


def test_anchors_are_numbered_as_github_does():
    assert anchors(["Loss", "loss", "Greedy decoding", "LOSS", "d_model"]) == [
        "loss",
        "loss-1",
        "greedy-decoding",
        "loss-2",
        "d_model",
    ]


def test_tiny_numbers_are_told_apart_from_zero():
    assert [rounded(x) for x in (0.0, -0.0, 1e-9, -2.5e-7)] == ["0.0000", "0.0000", "1.0·10⁻⁹", "−2.5·10⁻⁷"]
    assert (rounded(-1234567.0, 2), in_latex(-2.5e-7)) == ("−1.23·10⁶", "-2.5 \\cdot 10^{-7}")
    for number in (0.25, -2.5e-7, 1e-9, 3.1e12, -0.5):
        assert read(rounded(number)) == pytest.approx(number)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_would_be_too_large_is_refused_before_it_is_written(article, form, monkeypatch):
    monkeypatch.setattr(renderings, "_MOST_NUMBERS", {True: 3000, False: 1500})
    monkeypatch.setitem(renderings._WRITTEN, form, lambda *_: pytest.fail("it was written"))
    smaller = "a smaller d_model, fewer layers or shorter sentences"
    with pytest.raises(UserError, match=rf"As {form} this has [2-9],[0-9]{{3}} numbers, some [0-9]+ MB.*{smaller}"):
        render(article, form)
    if form == "ipynb":  # all that comes before a part is in its notebook
        with pytest.raises(UserError, match="As ipynb"):
            check_size(article, form, part(article, step="loss"))
    else:
        check_size(article, form, part(article, chapter=3))
        check_size(article, form, part(article, step="loss"))


def test_as_many_numbers_are_counted_as_json_has(article):
    def count(tree):
        return sum(map(count, tree)) if isinstance(tree, list) else 1

    for chapters in (None, part(article, chapter=3), part(article, step="update.embeddings")):
        answer = json.loads(render(article, "json", chapters))
        tensors = [*answer["trace"]["tensors"].values(), *answer["trace"]["parameters"].values()]
        written = [*(t[side] for t in tensors for side in ("value", "gradient") if t.get(side) is not None)]
        assert as_json.numbers(article, chapters) == sum(map(count, [*written, *answer["updated"].values()]))


def test_what_comes_along_can_be_taken_along():
    translator = checkpoint.load(SHIPPED)
    told = lesson(trained_example(translator, translator.source.words[4:28], translator.target.words[4:28]))
    for form in FORMATS:
        check_size(told, form)


def test_each_term_of_the_glossary_has_its_own_name():
    assert {term: name for term, name in glossary.NAMES.items() if term != name} == {}
    assert glossary.NAMES.keys() == glossary.TERMS.keys()


def test_a_division_says_what_is_divided_on_both_sides_of_its_equals_sign():
    text = render(lesson(article_example()), "md")
    assert "$S_h$ / √d\\_k = S\\_h / 1.4142 = $\\tilde S_h$" in text
    assert "$\\overline{\\mathcal{L}}$ / n = ℒ̄ / 3 = $\\overline{\\ell}$" in text
    assert "\\text{/ n = $\\bar{\\mathcal L}$ / 3}" in render(lesson(article_example()), "tex")
