"""What a training step costs as length, width or depth doubles, up to where memory ends; drawn into docs/growth.svg.

python -m benchmarks.growth
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.training import WORDS, initial_translator
from explorer.transformer.batches import Batch
from explorer.transformer.configuration import Configuration
from explorer.transformer.training import Recipe, Training
from explorer.transformer.vocabulary import MARKS

HEADS = 8
GIB = 2**30
MEMORY = 8 * GIB  # of addresses for a process; far more, and what a configuration allows ends first
FIGURE = Path(__file__).parent.parent / "docs" / "growth.svg"


class Size(NamedTuple):
    """Of one step: one sentence pair, `length` tokens on each side, through `layers` blocks on each side."""

    length: int = 16
    d_model: int = 128
    layers: int = 2

    def multiply_adds(self) -> int:
        """Those of a forward pass's products; backward takes twice as many.

        A token takes 12 d² in an encoder block and 16 d² in a decoder block, 2 T d in each of their three attentions
        for the scores and the weighted values, and V d for the logits.
        """
        length, d, layers = self
        return length * (layers * (28 * d * d + 6 * length * d) + WORDS * d)


class Sweep(NamedTuple):
    """One number of a size doubles, the others stay."""

    field: str
    label: str
    start: int
    others: Size
    limit: int  # the exponent of time and of memory once this number outweighs all else

    def sizes(self) -> Iterator[Size]:
        number = self.start
        while True:
            yield self.others._replace(**{self.field: number})
            number *= 2


SWEEPS = [
    Sweep("length", "length, tokens", 8, Size(), limit=2),
    Sweep("d_model", "width, d_model", 16, Size(), limit=2),
    Sweep("layers", "depth, blocks on each side", 1, Size(d_model=512), limit=1),
]


class Cost(NamedTuple):
    seconds: float
    memory: float  # bytes at the peak, beyond those of Python and its libraries


def cost(size: Size, limit: int) -> Cost:
    """Of a training step in this process, which may take `limit` bytes of addresses. Raises MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    before = _peak()
    seconds = _seconds(size)
    return Cost(seconds, _peak() - before)


def _seconds(size: Size) -> float:
    """The median of as many steps as fit in a second, three at least, after one that is not counted."""
    length, d, layers = size
    configuration = Configuration(d, HEADS, layers, source_words=WORDS, target_words=WORDS, longest=length)
    training = Training(initial_translator(configuration), Recipe())
    batch = Batch(*np.random.default_rng(0).integers(len(MARKS), WORDS, (3, 1, length)))
    training.update(batch)
    seconds: list[float] = []
    while len(seconds) < 3 or sum(seconds) < 1:
        start = time.perf_counter()
        training.update(batch)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB


def costs(sweep: Sweep) -> dict[int, Cost]:
    """By the number that doubles, up to the last for which memory is enough; each measured in a fresh process."""
    found: dict[int, Cost] = {}
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        for size in sweep.sizes():
            try:
                measured = processes.submit(cost, size, MEMORY).result()
            except (MemoryError, BrokenProcessPool):  # where a small allocation fails, NumPy may crash instead
                break
            found[getattr(size, sweep.field)] = measured
            cells = (*map(str, size), f"{measured.seconds * 1000:,.1f}", f"{measured.memory / GIB:,.2f}")
            print(f"| {' | '.join(cells)} |", flush=True)
    return found


def upper_half(amounts: Sequence[float]) -> Sequence[float]:
    return amounts[len(amounts) // 2 :]


def power_law(numbers: Sequence[float], amounts: Sequence[float]) -> tuple[float, float]:
    """(x, c) of amount = c · number^x: least squares on the logarithms of the upper half."""
    x, log_c = np.polyfit(np.log(upper_half(numbers)), np.log(upper_half(amounts)), 1)
    return float(x), float(np.exp(log_c))


def draw(measured: dict[Sweep, dict[int, Cost]]) -> None:
    """A column for each sweep, time above memory, all axes logarithmic; the fitted power law dashed."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    ink, faint, line, ended = "#3a3f47", "#e3e6ea", "#9fa5ae", "#8a3800"
    plt.rcParams |= {"font.size": 10, "text.color": ink, "axes.labelcolor": ink, "axes.edgecolor": line}
    plt.rcParams |= {"xtick.color": ink, "ytick.color": ink, "svg.hashsalt": "growth"}
    figure, panels = plt.subplots(2, len(measured), figsize=(11, 6), sharex="col", sharey="row", layout="constrained")
    rows = (("time of a step, ms", "#0077c6"), ("peak memory, GiB", "#296851"))
    for column, (sweep, points) in zip(panels.T, measured.items(), strict=True):
        numbers = list(points)
        failed = numbers[-1] * 2
        amounts = ([point.seconds * 1000 for point in points.values()], [p.memory / GIB for p in points.values()])
        for axes, values, (_, colour) in zip(column, amounts, rows, strict=True):
            x, c = power_law(numbers, values)
            fitted = np.array(upper_half(numbers))
            axes.loglog(numbers, values, "o", color=colour, markersize=5, zorder=3)
            axes.loglog(fitted, c * fitted**x, "--", color=colour, linewidth=1.2)
            axes.text(
                0.04, 0.9, f"~ n$^{{{x:.2f}}}$ in the upper half", color=colour, transform=axes.transAxes,
                bbox={"color": "white", "pad": 1.5},
            )  # fmt: skip
            axes.axvspan(failed / 2**0.5, failed * 2**0.5, color=ended, alpha=0.12, linewidth=0)
            axes.set_xlim(numbers[0] / 2**0.5, failed * 2**0.5)
            axes.set_xticks([*numbers, failed], [f"{number}" for number in (*numbers, failed)], fontsize=8)
            axes.yaxis.set_major_locator(LogLocator(10))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_minor_locator(NullLocator())
            axes.grid(color=faint, linewidth=0.8)
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(length=0)
        column[0].set_title(_kept(sweep), loc="left", fontsize=10)
        column[1].set_xlabel(sweep.label)
        place = {"transform": column[1].get_xaxis_transform(), "rotation": 90, "ha": "center"}
        column[1].text(failed, 0.04, f"{MEMORY / GIB:g} GiB are not enough", color=ended, fontsize=9, **place)
    for axes, (label, _) in zip(panels[:, 0], rows, strict=True):
        axes.margins(y=0.16)
        axes.set_ylabel(label)
    figure.savefig(FIGURE, metadata={"Date": None})


def _kept(sweep: Sweep) -> str:
    texts = {"length": "{} tokens", "d_model": "d_model {}", "layers": "{0}+{0} blocks"}
    return ", ".join(texts[f].format(n) for f, n in sweep.others._asdict().items() if f != sweep.field)


def main() -> None:
    print(f"{os.cpu_count()} cores, {HEADS} heads, vocabulary {WORDS:,}, at most {MEMORY / GIB:g} GiB a process\n")
    print("| length | d_model | blocks on each side | ms a step | peak, GiB |\n|---|---|---|---|---|")
    measured = {sweep: costs(sweep) for sweep in SWEEPS}

    print("\n| what doubles | fitted over | time | memory | multiply-adds | in the limit |\n|---|---|---|---|---|---|")
    for sweep, points in measured.items():
        numbers = list(points)
        products = [sweep.others._replace(**{sweep.field: number}).multiply_adds() for number in numbers]
        amounts = ([p.seconds for p in points.values()], [p.memory for p in points.values()], products)
        growth = " | ".join(f"n^{power_law(numbers, values)[0]:.2f}" for values in amounts)
        fitted = upper_half(numbers)
        print(f"| {sweep.label} | {fitted[0]:,}–{fitted[-1]:,} | {growth} | n^{sweep.limit} |")
    draw(measured)


if __name__ == "__main__":
    main()
