"""Reports say what the summary says, whatever the arms are called, and are the same bytes every time."""

import csv
import io
import re
import shutil
import subprocess
import tomllib
import zipfile

import pytest
from lxml import etree, html
from markdown_it import MarkdownIt

from explorer.errors import UserError
from explorer.initialisation import figures, forests
from explorer.initialisation.collected import Collected
from explorer.initialisation.formats import FORMATS
from explorer.initialisation.measures import OF_TRANSLATIONS
from explorer.initialisation.plan import parse
from explorer.initialisation.report import report
from explorer.initialisation.results import read
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from explorer.writing.latex import escaped
from tests.initialisation.made_up import ARMS, collected, plan

SVG = "{http://www.w3.org/2000/svg}"
ODD = "<b>|x $y$ `z` & *w*"


@pytest.fixture(scope="module")
def summary():
    comparison = plan(
        arms={**ARMS, ODD: Strategy("zeros")}, seeds=tuple(range(8)), sizes=(0.05, 1.0), updates=200, watch=("good",)
    )
    return Summary(collected(comparison, failed={("he", 0.05, 1)}))


@pytest.fixture(scope="module")
def page(summary):
    return html.document_fromstring(report(summary, "html"))


@pytest.fixture(scope="module")
def markdown(summary):
    return MarkdownIt("commonmark").enable("table").parse(report(summary, "md").decode())


@pytest.fixture(scope="module")
def archive(summary):
    with zipfile.ZipFile(io.BytesIO(report(summary, "zip"))) as files:
        return {name: files.read(name) for name in files.namelist()}


def texts(svg: bytes) -> list[str]:
    return ["".join(text.itertext()).strip() for text in etree.fromstring(svg).iter(f"{SVG}text")]


def test_a_page_says_all_that_the_summary_says(summary, page):
    texts_of_page = [element.text_content() for element in page.iter("p", "li")]
    for sentence in (summary.headline, summary.meaning, summary.scale, *summary.cautions, *summary.collected.failures):
        assert sentence in texts_of_page
    for key in OF_TRANSLATIONS:
        assert set(summary.sentences_by(key)) <= set(texts_of_page)
    assert parse(list(page.iter("code"))[-1].text_content()) == summary.plan


def test_the_same_terms_are_explained_at_every_door(summary, page):
    names = [term.name for term in summary.terms]
    assert {"Arm", "Seed", "Held-out", "Nat", "95% interval", "p", "Holm’s correction", "Power"} <= set(names)
    (items,) = [each for each in page.iter("details") if each.findtext("summary") == "Terms of this report"]
    assert [item.text_content() for item in items.iter("li")] == list(map(str, summary.terms))
    document = report(summary, "tex").decode()
    assert all(escaped(str(term)) in document for term in summary.terms)
    assert document.index("explorer compare plan.toml") < document.index("Terms of this report")
    assert summary.as_json()["terms"] == dict(summary.terms)
    assert str(summary).endswith("\n".join(map(str, summary.terms)))


def test_a_page_has_a_row_for_every_arm_and_a_figure_for_every_size(summary, page):
    for table in page.iter("table"):
        assert len(table.findall("tbody/tr")) in (len(summary.plan.arms), len(summary.plan.arms) - 1)
    names = [row.text_content() for row in page.iterfind(".//tbody/tr/th")]
    assert names.count(ODD) == 1 + 3 * 2 + 1  # the arms; means, differences and runs a size; neighbours
    assert len(list(page.iter("figure"))) == 2 * 2 + 1


def test_names_are_text_and_nothing_is_fetched(page):
    assert not page.xpath("//b | //script | //link | //img | //iframe")
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    figure_texts = [text for figure in page.iter("figure") for text in figure.itertext()]
    assert ODD in " ".join(" ".join(figure_texts).split())


def test_figures_on_a_page_are_light_and_dark(page):
    svg = etree.tostring(page.find(".//figure//svg")).decode()
    for light, dark in (figures.PAPER, figures.INK):
        assert f"light-dark({light}, {dark})" in svg
        assert light not in svg.replace(f"light-dark({light}, {dark})", "")


def test_markdown_has_the_same_tables_and_no_markup_of_names(summary, page, markdown):
    cells = [token.children for token in markdown if token.type == "inline"]
    words = ["".join(child.content for child in children) for children in cells]
    assert summary.headline in words
    assert words.count(ODD) == 8
    assert not any(child.type.startswith(("html", "em", "image")) for c in cells for child in c if c[0].content == ODD)
    assert sum(token.type == "table_open" for token in markdown) == len(list(page.iter("table")))
    (last,) = [token.content for token in markdown if token.type == "fence"][1:]
    assert parse(last) == summary.plan


def test_the_archive_holds_the_pictures_that_its_markdown_shows(summary, archive):
    tokens = MarkdownIt().parse(archive["report.md"].decode())
    pictures = [c.attrs["src"] for t in tokens for c in t.children or () if c.type == "image"]
    assert sorted(pictures) == sorted(name for name in archive if name.endswith(".svg"))
    assert re.findall(r"\\includegraphics\[.*?\]{(.*?)\.pdf}", archive["report.tex"].decode()) == [
        name.removesuffix(".svg") for name in pictures
    ]
    assert len(pictures) == 5
    for name in pictures:
        assert etree.fromstring(archive[name]).tag == f"{SVG}svg"
    assert parse(archive["plan.toml"].decode()) == summary.plan
    assert archive["results.csv"] == report(summary, "csv")


def test_latex_has_the_same_tables_and_no_commands_of_names(summary, page):
    document = report(summary, "tex").decode()
    for table in page.iter("table"):
        (caption,) = table.iter("caption")
        assert f"\\caption{{{escaped(caption.text_content())}}}" in document
        for row in table.iter("tr"):
            cells = [cell.text_content() for cell in row.iter("th", "td")]
            assert f"{' & '.join(map(escaped, cells))} \\\\\n" in document
    assert ODD not in document
    assert "U+" not in document  # nothing that LaTeX does not show


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_latex_makes_a_document(archive, tmp_path):
    for name, content in archive.items():
        (tmp_path / name).write_bytes(content)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)


def test_rows_are_taken_along(summary, tmp_path):
    rows = list(csv.DictReader(io.StringIO(report(summary, "csv").decode())))
    assert len(rows) == summary.plan.jobs
    runs = {(job.arm, job.share, job.seed): run for job, run in summary.collected.compared.items()}
    for row in rows:
        run = runs[row["arm"], float(row["share"]), int(row["seed"])]
        assert float(row["loss"]) == run.loss
        assert row["error"] == run.error
        assert "steps" not in row
    path = tmp_path / "rows.parquet"
    path.write_bytes(report(summary, "parquet"))
    assert {run.digest: run for run in read(path)} == {run.digest: run for run in runs.values()}
    assert tomllib.loads(report(summary, "toml").decode())["name"] == "made up"


def test_a_classification_is_reported_by_its_right_answers_alone():
    tagged = Summary(collected(plan(task="parts of speech", sizes=(1.0,), updates=200)))
    tree = html.document_fromstring(report(tagged, "html"))
    tables = [caption.text_content() for caption in tree.iter("caption")]
    assert any(each.startswith("Held-out exact match: differences to random, percentage points.") for each in tables)
    captions = [caption.text_content() for caption in tree.iter("figcaption")]
    assert "in held-out exact match, percentage points" in captions[0]
    assert captions[1].startswith("Validation accuracy by update")
    figure_texts = texts(forests.forest(tagged, "exact", 1.0))
    assert any("difference in held-out exact match, percentage points" in text for text in figure_texts)
    best = max(tagged.comparisons("exact", 1.0), key=lambda each: each.difference)
    assert next(text for text in figure_texts if text in tagged.plan.arms) == best.arm
    assert "Held-out exact match was chosen in advance" in tree.text_content()
    assert tagged.chance in tree.text_content()


def test_a_report_says_what_is_generated_and_what_is_provisional(summary, page):
    assert "were generated by a small grammar" in page.text_content()
    some = Summary(collected(summary.plan, missing={("he", 1.0, 1)}))
    tree = html.document_fromstring(report(some, "html"))
    assert [h.text_content() for h in tree.iter("h2") if "so far" in h.text_content()] == [
        f"At {size} of the pairs, so far with 95 of 96 runs" for size in ("5%", "100%")
    ]
    assert any(each.text_content().startswith("So far, with 95 of 96 runs: ") for each in tree.iter("p"))


def test_a_forest_has_a_line_an_arm_with_its_numbers(summary):
    written = texts(forests.forest(summary, "loss", 0.05))
    names = [text for text in written if text in summary.plan.arms]
    compared = sorted(summary.comparisons("loss", 0.05), key=lambda c: c.difference)
    assert names == [c.arm for c in compared]
    assert any(text.startswith("−0.5") and text.endswith(f"p = {compared[0].adjusted_p:.3f}") for text in written)


def test_curves_have_a_panel_for_each_arm_beside_the_baseline(summary):
    written = " ".join(texts(figures.curves(summary, "validation_losses", 0.05)))
    assert "Validation loss at 5% of the pairs" in written
    assert all(arm in written for arm in summary.plan.arms)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_a_pdf_says_what_the_page_says(summary, page, tmp_path):
    (tmp_path / "report.pdf").write_bytes(report(summary, "pdf"))
    command = ["pdftotext", "-raw", "-enc", "UTF-8", tmp_path / "report.pdf", "-"]
    pages = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    written = "".join(re.sub(r"^\d+\n\f", "", pages, flags=re.MULTILINE).split())
    for element in page.xpath("//h1 | //h2 | //p | //li | //caption | //figcaption | //th | //td"):
        assert "".join(element.text_content().split()) in written


def test_a_pdf_holds_its_fonts_and_its_figures(summary):
    document = report(summary, "pdf")
    assert document.count(b"/FontFile2") == 3
    assert document.count(b"/SMask") == 5
    assert b"D:2000" in document  # no date of its own


def test_what_the_fonts_of_a_pdf_lack_is_seen_to_be_missing():
    from explorer.initialisation.pdf import to_pdf
    from explorer.initialisation.writing import Code, Heading, Items, Paragraph, Table

    words = "北京 <b> & \x00 \x07 " + "a" * 3_000
    assert to_pdf(words, [Paragraph(words), Code(words), Table(words, ("arm",) * 12, ((words,) * 12,))])
    for titled in (lambda title: Heading(1, title), lambda title: Items(("a",), folded=title)):
        assert to_pdf("a", [titled("\N{MATHEMATICAL SANS-SERIF CAPITAL A}")]) == to_pdf("a", [titled("\ufffd")])


@pytest.mark.parametrize("form", ["zip", "md", "csv", "pdf"])
def test_the_same_results_are_the_same_bytes(summary, archive, form):
    again = Summary(
        Collected(summary.plan, dict(reversed(summary.collected.compared.items())), {}, 0, summary.collected.failures)
    )
    assert report(again, form) == report(summary, form)


def test_a_run_that_has_hardly_begun_has_a_report():
    comparison = plan(sizes=(1.0,), seeds=(0, 1), updates=100)
    some = {(arm, 1.0, seed) for arm in ARMS for seed in (0, 1)} - {("random", 1.0, 0), ("glove", 1.0, 0)}
    for results in (Collected(comparison, {}, {}, 10), collected(comparison, missing=some)):
        for form in FORMATS:
            assert report(Summary(results), form)
    assert "nothing can be compared yet" in texts(
        forests.forest(Summary(Collected(comparison, {}, {}, 10)), "loss", 1.0)
    )


def test_other_formats_are_refused(summary):
    with pytest.raises(UserError, match="no format “docx”"):
        report(summary, "docx")
