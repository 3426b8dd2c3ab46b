"""The reference of every key of a plan's file, from the dataclasses that it becomes: a part of `tools.reference`."""

from __future__ import annotations

import ast
import inspect
import io
import json
import tokenize
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from explorer.initialisation import strategies
from explorer.initialisation.option_tables import kind_of
from explorer.initialisation.page_limits import PAGE_LIMITS
from explorer.initialisation.plan import MODEL_KEYS, MOST_SEEDS, Plan
from explorer.initialisation.plan_checks import MOST_FOLDS, NETWORKS, SEARCH_SEEDS
from explorer.initialisation.statistics import FEWEST_SEEDS
from explorer.initialisation.strategies import Strategy
from explorer.transformer.bounds import NORMS, POOLINGS
from explorer.transformer.configuration import Configuration
from explorer.transformer.recipe_bounds import MOST_D_FF, MOST_D_MODEL, MOST_HEADS, MOST_LAYERS
from explorer.transformer.training import BACKENDS

_TABLES = ("arms", "model")
OF_PLAN = {
    "name": "letters, digits, spaces, dots and dashes, 60 at most",
    "arms": "2 or more",
    "baseline": "one of the arms",
    "language": "not with `text`",
    "text": "with `label`",
    "label": "with `text`",
    "part": "with `text`, and not with `folds`",
    "folds": f"0, or 3 to {MOST_FOLDS} with `text`; as many seeds at most",
    "seeds": f"{FEWEST_SEEDS} to {MOST_SEEDS:,} different ones, each from 0 to {SEARCH_SEEDS - 1:,}",
    "looks": f"ascending, from {FEWEST_SEEDS}; the last is the number of seeds",
    "sizes": "1 or more different ones, above 0 to 1; as many pairs as a batch at least",
    "rates": "1 or more different ones, above 0; a single one is not searched",
    "search_seeds": "from 1",
    "widenings": "from 0",
    "network": f"{' or '.join(f'`{name}`' for name in NETWORKS)}; `{NETWORKS[1]}` with `text`",
    "backend": f"{' or '.join(f'`{name}`' for name in BACKENDS)}, which is installed apart: `pip install torch`",
    "updates": "from 1",
    "patience": "from 0",
    "batch_size": "from 1",
    "measured_every": "1 to `updates`",
    "threshold": "above 0",
}
"""What a plan's keys may be, in words; tests/initialisation/test_plan_keys.py tries each just inside and outside."""
OF_MODEL = {
    "d_model": f"1 to {MOST_D_MODEL:,}",
    "heads": f"1 to {MOST_HEADS}, and divides d_model",
    "layers": f"1 to {MOST_LAYERS}",
    "d_ff": f"1 to {MOST_D_FF:,}",
    "norm": " or ".join(f"`{name}`" for name in NORMS),
    "activation": "`relu` or `gelu`",
    "positions": "`sinusoidal` or `learned`",
    "dropout": "from 0, below 1",
    "pooling": f"{' or '.join(f'`{name}`' for name in POOLINGS)}; with `text`",
}
OF_ARM = {
    "model": "the name of a model",
    "thaw": "from 1 and below `updates` with `thawed` or `gradual`, else 0",
    "others": "names of models, with `join`",
    "rate": "above 0 and below 1 with `slower`, else 1",
}


def plan_keys() -> str:
    """The text of the file."""
    parts = [
        "# What a plan says",
        "Made by `python -m tools.reference` from the dataclasses `Plan`, `Strategy` and `Configuration`. Change them.",
        "A plan is a TOML file: `explorer compare plan.toml` carries it out, and so does *Initialisation*, *Compare "
        "yourself*, within the limits of the last column, since all visitors share one machine. There it has at most "
        f"{PAGE_LIMITS['runs']:,} runs, and {PAGE_LIMITS['measurements']} measurements a run. "
        "`explorer/initialisation/plans/` has plans to begin with. What makes no sense is said before the first run.",
        "## The plan",
        _table(Plan, [each for each in fields(Plan) if each.name not in _TABLES], OF_PLAN),
        "## [model]",
        f"The network; `cnn` has `d_model` and `dropout` alone. Without this table it has {_without_model()}.",
        _table(Configuration, [each for each in fields(Configuration) if each.name in MODEL_KEYS], OF_MODEL),
        '## [arms."NAME"]',
        f"A table for each arm, {PAGE_LIMITS['arms']} at most on the page. What the names of starts, scales and others "
        "stand for is in [strategies.md](strategies.md), with their sources.",
        _table(Strategy, list(fields(Strategy)), {**_choices(), **OF_ARM}),
    ]
    return "\n\n".join(parts) + "\n"


def _without_model() -> str:
    """What the network of a plan without its table has, besides the defaults of that table."""
    model = Plan("x", {"a": Strategy("unit"), "b": Strategy("he")}, "a").model
    own = {each.name: getattr(model, each.name) for each in fields(Configuration)}
    defaults = {each.name: each.default for each in fields(Configuration)}
    return ", ".join(f"`{key} = {json.dumps(own[key])}`" for key in MODEL_KEYS if own[key] != defaults[key])


def _choices() -> dict[str, str]:
    """What the options of an arm are chosen from."""
    values: dict[str, list[str]] = {}
    for entry in strategies.options().entries:
        values.setdefault(entry.option, []).append(f"`{entry.value}`")
    return {option: ", ".join(names) for option, names in values.items()}


def _table(kind: type, options: list[Field[Any]], limits: dict[str, str]) -> str:
    meanings = comments(kind)
    lines = ["| key | what it is | value | default | limits | on the page, at most |", "|---|---|---|---|---|---|"]
    for option in options:
        most = PAGE_LIMITS.get(option.name)
        cells = (
            f"`{option.name}`",
            meanings[option.name],
            kind_of(option),
            _default(option),
            limits.get(option.name, "–"),
            "–" if most is None else f"{most:,}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _default(option: Field[Any]) -> str:
    if option.default is MISSING:
        return "required"
    if option.default in ("", (), None):
        return "–"
    value = option.default
    if value == tuple(range(10)):
        return "`10`, from 0 to 9"
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)}`"


def comments(kind: type) -> dict[str, str]:
    """The comment behind each field of a dataclass. Raises KeyError, where it is asked for, for one without."""
    source = inspect.getsource(kind)
    behind = {
        token.start[0]: token.string.removeprefix("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    return {
        node.target.id: behind[node.lineno]
        for node in _fields(ast.parse(source))
        if isinstance(node.target, ast.Name) and node.lineno in behind
    }


def _fields(tree: ast.Module) -> Iterator[ast.AnnAssign]:
    (declared,) = tree.body
    assert isinstance(declared, ast.ClassDef)
    yield from (node for node in declared.body if isinstance(node, ast.AnnAssign))
