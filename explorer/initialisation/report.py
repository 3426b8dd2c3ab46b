"""A comparison to take along: a report in words, tables and figures, its rows as CSV or Parquet, its plan as TOML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from explorer.errors import UserError
from explorer.initialisation import figures, forests
from explorer.initialisation.formats import FORMATS
from explorer.initialisation.measures import CURVES, Measure, agreeing
from explorer.initialisation.numbers import ArmRow
from explorer.initialisation.plan import Plan
from explorer.initialisation.protocol import families, protocol
from explorer.initialisation.results import Neighbour
from explorer.initialisation.runs import Runs
from explorer.initialisation.statistics import Comparison
from explorer.initialisation.summary import Summary
from explorer.initialisation.together import Together
from explorer.initialisation.words import size
from explorer.initialisation.writing import (
    Block,
    Code,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
    to_html,
    to_latex,
    to_markdown,
)
from explorer.texts import _

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same bytes every time


def report(summary: Summary, form: str) -> bytes:
    """The file in one of FORMATS, the same bytes for the same results but for the seconds that they took.

    html is one page that needs nothing else, with figures, and pdf the same on paper; md and tex have the same in words
    and tables; zip has both with their figures as SVG and as PDF, the plan and all rows; csv and parquet have one row a
    job, the latter with curves; toml is the plan.
    Raises UserError for another format.
    """
    if form not in FORMATS:
        raise UserError(
            _("A report has no format “{form}”. Take one of {formats}.", form=form, formats=", ".join(FORMATS))
        )
    if form == "html":
        return to_html(summary.plan.name, tuple(_blocks(summary))).encode()
    if form == "pdf":
        from explorer.initialisation.pdf import to_pdf  # ReportLab takes a moment to import

        return to_pdf(summary.plan.name, _blocks(summary))
    if form == "md":
        return to_markdown(block for block in _blocks(summary) if not isinstance(block, Picture)).encode()
    if form == "tex":
        return to_latex(block for block in _blocks(summary) if not isinstance(block, Picture)).encode()
    if form == "zip":
        return _zip(summary)
    if form == "csv":
        return Runs(summary.collected).as_csv().encode()
    if form == "parquet":
        return Runs(summary.collected).as_parquet()
    return summary.plan.public.as_toml().encode()


def write_report(summary: Summary, out: Path) -> None:
    """Write the report whose format the name's ending says. Raises UserError where that cannot be."""
    content = report(summary, out.suffix[1:])
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UserError(_("{out} cannot be written: {reason}.", out=out, reason=error.strerror)) from error


def together_report(answer: Together) -> bytes:
    """Several comparisons together as one page of HTML that needs nothing else."""
    measure, rows = answer.measure, []
    for name, baseline, seeds, *numbers, weight in answer.table().rows:
        mean, *ends = agreeing([measure.scaled(number) for number in numbers], signed=True)
        rows.append((name, baseline or "", str(seeds or ""), mean, _unbroken(" to ".join(ends)), f"{weight:.0%}"))
    blocks = (
        Heading(1, _("{arm} in several comparisons", arm=answer.arm)),
        Paragraph(answer.headline),
        Picture(
            "together",
            _("The differences with their 95% intervals, the larger the mark the heavier; beneath them all together."),
            partial(forests.together_forest, answer),
        ),
        Table(
            _("{title}: differences to the baseline, {points}", title=measure.title, points=measure.points),
            ("comparison", "baseline", "seeds", "difference", "95% interval", "weight"),
            tuple(rows),
        ),
        Items(answer.sentences),
    )
    return to_html(answer.arm, blocks).encode()


def _blocks(summary: Summary) -> Iterator[Block]:
    """The parts of the report, in their order."""
    plan = summary.plan
    yield Heading(1, _("How to start the embeddings: {name}", name=plan.name))
    yield Paragraph(summary.headline)
    for sentence in filter(None, (*summary.shown, summary.chance)):
        yield Paragraph(sentence)
    if summary.cautions:
        yield Heading(2, _("Cautions"))
        yield Items(summary.cautions)
    yield Heading(2, _("What was compared"))
    yield Items(tuple(protocol(summary)))
    yield _starts(plan)
    for share in plan.sizes:
        yield Heading(
            2,
            _("At {size}, so far with {so_far}", size=size(share, summary.plan), so_far=summary.so_far)
            if summary.so_far
            else _("At {size}", size=size(share, summary.plan)),
        )
        yield from _at(summary, share)
    yield Heading(2, _("Measure by measure"))
    yield Paragraph(families(summary))
    for measure in summary.measures:
        if sentences := summary.sentences_by(measure.key):
            yield Items(sentences, folded=measure.title)
    if plan.watch:
        yield Heading(2, _("Neighbours before and after"))
        yield from _neighbours(summary)
    if summary.collected.failures or summary.collected.problems:
        yield Heading(2, _("Runs that failed, files left out"))
        yield Items((*summary.collected.failures, *summary.collected.problems))
    yield Heading(2, _("To repeat it"))
    yield Paragraph(
        _("Save the plan as plan.toml and run this command. The same machine gives the same numbers.")
        if plan.public == plan
        else _(
            "Save the plan as plan.toml beside {file} and run this command there. The same machine gives the same "
            "numbers.",
            file=plan.public.task,
        )
    )
    yield Code("explorer compare plan.toml")
    yield Code(plan.public.as_toml())
    yield Items(tuple(map(str, summary.terms)), folded=_("Terms of this report"))


def _starts(plan: Plan) -> Table:
    return Table(
        _("The arms"),
        ("arm", "start", _("where it comes from")),
        tuple(
            (_("{arm} (baseline)", arm=arm) if arm == plan.baseline else arm, strategy.name, strategy.source)
            for arm, strategy in plan.arms.items()
        ),
    )


def _at(summary: Summary, share: float) -> Iterator[Block]:
    rows, primary = summary.arms(share), summary.primary
    yield Table(
        _("Means over the seeds, with their 95% intervals"),
        ("arm", *(f"{measure.title}, {measure.unit}" for measure in summary.measures)),
        tuple((row.arm, *(_cell(row, each) for each in summary.measures)) for row in rows),
    )
    if compared := primary.best_first(summary.comparisons(primary.key, share)):
        yield Table(
            _(
                "{title}: differences to {baseline}, {points}. Holm’s correction is for the {count} arms of this "
                "table; an interval is that of one difference alone",
                title=primary.title,
                baseline=summary.plan.baseline,
                points=primary.points,
                count=len(compared),
            ),
            (
                "arm",
                "difference",
                "95% interval",
                "p",
                _("p after Holm"),
                _("effect (Hedges’ g)"),
                "seeds",
                "significant",
            ),
            tuple(_difference(comparison, primary) for comparison in compared),
        )
        yield Picture(
            f"forest-{100 * share:g}",
            _(
                "The differences to {baseline} in {noun}, {points}, with 95% intervals, "
                "the best first. Filled marks are significant differences; ticks are the single seeds.",
                baseline=summary.plan.baseline,
                noun=primary.noun,
                points=primary.points,
            ),
            partial(forests.forest, summary, primary.key, share),
        )
    columns = (primary.curve, "vector_lengths") if share == max(summary.plan.sizes) else (primary.curve,)
    for column in columns:
        if not any(summary.curve(arm, share, column).steps for arm in summary.plan.arms):
            continue  # nothing has finished; a convolution has no positions
        beside = _("the positional encodings") if column == "vector_lengths" else summary.plan.baseline
        yield Picture(
            f"{column.replace('_', '-')}-{100 * share:g}",
            _(
                "{curves} by update: the mean over the seeds with its 95% interval, each arm beside {beside}.",
                curves=CURVES[column],
                beside=beside,
            ),
            partial(figures.curves, summary, column, share),
        )
    yield Table(
        _("What the runs were"),
        (
            "arm",
            "finished",
            _("still improving"),
            "failed",
            _("learning rate"),
            _("covered words"),
            "parameters",
            "trained",
            _("seconds a run"),
        ),
        tuple(map(_cost, rows)),
    )


def _difference(comparison: Comparison, measure: Measure) -> tuple[str, ...]:
    mean, low, high = measure.difference(comparison)
    return (
        comparison.arm,
        mean,
        _unbroken(f"{low} to {high}"),
        f"{comparison.p:.4f}",
        f"{comparison.adjusted_p:.4f}",
        "–" if comparison.effect is None else _number(comparison.effect),
        str(comparison.seeds),
        "no" if not comparison.is_significant else "lower" if comparison.difference < 0 else "higher",
    )


def _cost(row: ArmRow) -> tuple[str, ...]:
    return (
        row.arm,
        str(row.finished),
        str(row.improving),
        str(row.failed),
        "–" if row.rate is None else f"{row.rate:g}",
        f"{row.covered:,}\N{NO-BREAK SPACE}of {row.words:,}" if row.covered else "–",
        f"{row.parameters:,}",
        f"{row.trained:,}",
        f"{row.seconds:.0f}" if row.finished else "–",
    )


def _neighbours(summary: Summary) -> Iterator[Block]:
    """For each watched word, at the largest size, those of each arm's first seed."""
    share = max(summary.plan.sizes)
    for word in summary.plan.watch:
        rows = []
        for arm, seeds in summary.points(summary.primary.key, share).items():
            before, after = summary.neighbours(arm, share, min(seeds), word)
            if before:
                rows.append((arm, str(min(seeds)), ", ".join(n.word for n in before), ", ".join(map(_risen, after))))
        if rows:
            yield Table(
                _(
                    "{word}, at {size}; an arrow says by how many ranks a word rose or fell",
                    word=word,
                    size=size(share, summary.plan),
                ),
                ("arm", "seed", "before", "after"),
                tuple(rows),
            )


def _risen(neighbour: Neighbour) -> str:
    if not neighbour.risen:
        return neighbour.word
    return f"{neighbour.word} {'↑' if neighbour.risen > 0 else '↓'}{abs(neighbour.risen):,}"


def _cell(row: ArmRow, measure: Measure) -> str:
    mean, interval = row.cell(measure)
    return f"{mean} ({_unbroken(interval)})" if interval else mean


def _unbroken(interval: str) -> str:
    """An interval, which is not broken across lines: a narrow cell has it beneath its mean."""
    return interval.replace(" ", "\N{NO-BREAK SPACE}")


def _number(number: float) -> str:
    """A signed number with three digits that count, and a real minus sign."""
    return format(number, "+#.3g").removesuffix(".").replace("-", "\N{MINUS SIGN}")


def _zip(summary: Summary) -> bytes:
    blocks = tuple(_blocks(summary))
    files = {
        "report.md": to_markdown(blocks).encode(),
        "report.tex": to_latex(blocks).encode(),
        **{
            f"{block.name}.{form}": block.draw(form=form)
            for block in blocks
            if isinstance(block, Picture)
            for form in ("svg", "pdf")
        },
        "plan.toml": summary.plan.public.as_toml().encode(),
        "results.csv": report(summary, "csv"),
        "results.parquet": report(summary, "parquet"),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
