"""What the commands share: how they enter the parser, JSON for machines, and a bar while something takes long."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def flag(name: str) -> str:
    """An option as it is typed."""
    return f"--{name.replace('_', '-')}"


def given(options: argparse.Namespace, *names: str) -> list[str]:
    """Those of the named options that somebody gave, as they are typed; the others are None or False."""
    values = {name: getattr(options, name) for name in names}
    return [flag(name) for name, value in values.items() if value is not None and value is not False]


def print_json(answer: Any) -> None:
    """One line of JSON on standard output; NaN and infinity are errors, never words that JSON does not know."""
    print(json.dumps(answer, ensure_ascii=False, allow_nan=False))


@contextmanager
def progress_bar(keep: bool = False) -> Iterator[Callable[[str, float], None]]:
    """A bar on standard error for each stage of what takes long; it is told the stage and the share (0 to 1) done.

    Bars disappear at the end, unless they are to be kept.
    """
    from tqdm import tqdm

    layout = "{desc:<12}{percentage:3.0f}%|{bar}| {elapsed} < {remaining}"
    bar = tqdm(disable=True)
    current = ""

    def show(stage: str, share: float) -> None:
        nonlocal bar, current
        if stage != current:
            bar.close()
            bar, current = tqdm(total=100, desc=stage, delay=0.3, leave=keep, bar_format=layout), stage
            bar.set_description_str(stage, refresh=False)  # without the colon that tqdm adds
        bar.update(100 * share - bar.n)

    try:
        yield show
    finally:
        bar.close()
