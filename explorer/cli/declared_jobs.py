"""The commands of jobs: what a terminal has beside the declaration, which is bars, signals and lines to read."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from explorer.cli.output import print_json, progress_bar, write_table
from explorer.cli.questions import add_command, form_of, values_of, write_csv
from explorer.questions import JOBS
from explorer.questions.jobs import Fit, Job
from explorer.questions.jobs.job import never
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.answers import Answer
    from explorer.cli.output import Commands
    from explorer.initialisation.fit import Fitting
    from explorer.initialisation.summary import Summary
    from explorer.transformer.training import Training
    from explorer.transformer.translator import Translator


def add_to(commands: Commands) -> None:
    for job in JOBS.values():
        add_command(commands, job, _fit if job is Fit else partial(_do, job))


def _do(kind: type[Job], options: argparse.Namespace) -> None:
    """Ctrl-C ends a job at once; but one that keeps its part ends it after the step under way."""
    job = kind(**dict(values_of(kind, options)))
    with (
        _stop_signals() if job.keeps_its_part else nullcontext(never) as stopping,
        progress_bar(keep=kind.room == "Training") as show,
    ):
        answer = job.answer(show, stopping, _announce)
    _show(answer, options)


def _fit(options: argparse.Namespace) -> None:
    """Ctrl-C ends the training alone: what was learnt is kept, and scored."""
    job = Fit(**dict(values_of(Fit, options)))
    fitting = job.prepare()
    for note in fitting.notes:
        _announce(note)
    with _stop_signals() as stopping, _bar(fitting) as watch:
        fitting.train(watch, stopping)
    if stopping():
        with suppress(OSError):  # a terminal that was closed
            _announce(_("stopped after {step} steps.", step=fitting.training.step))
    _show(job.result_of(fitting, _announce), options)


def _announce(sentence: str) -> None:
    """A line on standard error, above a bar that is there."""
    from tqdm import tqdm

    tqdm.write(_("explorer: {sentence}", sentence=sentence), file=sys.stderr)


def _show(answer: Answer, options: argparse.Namespace) -> None:
    """What was made, and how to go on with it; what was announced is not said again."""
    from explorer.questions.made import Made

    form = form_of(options)
    if form == "json":
        print_json(answer.as_json())
    elif form:
        write_csv(answer, form)
    elif not isinstance(answer, Made):
        from explorer.initialisation.summary import Summary

        if isinstance(answer, Summary):
            _print(answer)
        else:
            print(answer)
    else:
        print(answer.headline)
        for sentence in answer.sentences:
            print(sentence)
        if answer.table().rows:
            write_table(answer.as_text())


def _print(summary: Summary) -> None:
    """A comparison as a table a size, and what may be concluded of it."""
    from explorer.initialisation.measures import MEASURES
    from explorer.initialisation.words import size

    decides, chrf = summary.primary, MEASURES["chrf"]
    translates = "chrf" in summary.task.measures and not summary.task.answers
    titles = (_("arm"), _("mean"), _("95% interval over seeds"), *["chrF"] * translates, _("learning rate"))
    print(summary.task.description)
    print()
    for share in summary.plan.sizes:
        so_far = ", " + _("so far with {so_far}", so_far=summary.so_far) if summary.so_far else ""
        by = _("{title} ({unit}) by arm", title=decides.title.lower(), unit=decides.unit)
        print(f"{size(share, summary.plan)}{so_far}: {by}")
        lines = [titles]
        for row in summary.arms(share):
            if not row.values:
                lines.append((row.arm, _("no run has finished")))
                continue
            mean = row.values[decides.key]
            ends = [end for end in (mean.low, mean.high) if end is not None]
            interval = " to ".join(map(decides.number, ends))
            beside = [chrf.number(row.values[chrf.key].mean)] if translates else []
            lines.append((row.arm, decides.number(mean.mean), interval, *beside, f"{row.rate:g}"))
        widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
        for line in lines:
            print("  " + "  ".join(map(str.ljust, line, widths)).rstrip())
        print()
    for sentence in (summary.headline, *summary.sentences):
        print(sentence)


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C, `kill` or a terminal that closes have asked to stop: all that they do while this lasts.

    A signal that is ignored, as `nohup` has it for the last of them, stays so."""
    stopping = False

    def ask(*_: object) -> None:
        nonlocal stopping
        stopping = True

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {
        number: signal.signal(number, ask)
        for number in numbers
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield lambda: stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(fitting: Fitting) -> Iterator[Callable[[Training[Translator]], None]]:
    """A bar that counts the steps of a training and says what validation finds."""
    from tqdm import tqdm

    with tqdm(total=fitting.steps, unit=" " + _("steps"), delay=0.3) as bar:

        def watch(training: Training[Translator]) -> None:
            bar.update(training.step - bar.n)
            if training.measures:
                last = training.measures[-1]
                bar.set_postfix_str(
                    _("validation: loss {loss:.3f}, accuracy {accuracy:.1%}", loss=last.loss, accuracy=last.accuracy),
                    refresh=False,
                )

        yield watch
