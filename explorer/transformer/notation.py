"""How a tensor is written: its symbol in LaTeX, its role, the meaning of its axes. All follow from its name."""

from __future__ import annotations

import re

# last parts of a name → (symbol, role, axes); the first entry that fits the end of a name counts
_NOTATION: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "embedding": ("X", "embedding", ("token", "feature")),
    "projection": ("P", "parameter", ("feature", "feature")),
    "projected": ("X_P", "embedding", ("token", "feature")),
    "positions": ("\\mathit{PE}", "position", ("token", "feature")),
    "input": ("X^{(0)}", "residual", ("token", "feature")),
    "projected_query": ("Q", "query", ("token", "feature")),
    "projected_key": ("K", "key", ("token", "feature")),
    "projected_value": ("V", "value", ("token", "feature")),
    "query": ("Q_h", "query", ("head", "token", "feature")),
    "key": ("K_h", "key", ("head", "token", "feature")),
    "value": ("V_h", "value", ("head", "token", "feature")),
    "scores": ("S_h", "scores", ("head", "token", "token")),
    "scaled": ("\\tilde S_h", "scores", ("head", "token", "token")),
    "masked": ("\\tilde S_h", "scores", ("head", "token", "token")),
    "weights": ("A_h", "weights", ("head", "token", "token")),
    "heads": ("Z_h", "value", ("head", "token", "feature")),
    "concatenated": ("Z", "value", ("token", "feature")),
    "attention.output": ("O", "output", ("token", "feature")),
    "attention.residual": ("R", "residual", ("token", "feature")),
    "attention.norm": ("N", "norm", ("token", "feature")),
    "feed_forward.hidden": ("H", "hidden", ("token", "feature")),
    "feed_forward.activation": ("H^+", "hidden", ("token", "feature")),
    "feed_forward.output": ("F", "output", ("token", "feature")),
    "feed_forward.residual": ("R'", "residual", ("token", "feature")),
    "query.weight": ("W^Q", "parameter", ("feature", "feature")),
    "query.bias": ("b^Q", "parameter", ("feature",)),
    "key.weight": ("W^K", "parameter", ("feature", "feature")),
    "key.bias": ("b^K", "parameter", ("feature",)),
    "value.weight": ("W^V", "parameter", ("feature", "feature")),
    "value.bias": ("b^V", "parameter", ("feature",)),
    "attention.output.weight": ("W^O", "parameter", ("feature", "feature")),
    "attention.output.bias": ("b^O", "parameter", ("feature",)),
    "hidden.weight": ("W_1", "parameter", ("feature", "feature")),
    "hidden.bias": ("b_1", "parameter", ("feature",)),
    "feed_forward.output.weight": ("W_2", "parameter", ("feature", "feature")),
    "feed_forward.output.bias": ("b_2", "parameter", ("feature",)),
    "norm.gain": ("\\gamma", "parameter", ("feature",)),
    "norm.bias": ("\\beta", "parameter", ("feature",)),
}
_BLOCK_OUTPUT = re.compile(r"(?:^|\.)encoder\.(\d+)\.feed_forward\.norm$")


def _entry(name: str) -> tuple[str, str, tuple[str, ...]]:
    parts = name.split(".")
    for start in range(len(parts)):
        ending = ".".join(parts[start:]).replace("self_attention", "attention")
        if ending in _NOTATION:
            return _NOTATION[ending]
    raise KeyError(f"No notation for a tensor called {name}.")


def symbol(name: str) -> str:
    """The LaTeX symbol of a tensor; block l of the encoder turns X^(l-1) into X^(l)."""
    block = _BLOCK_OUTPUT.search(name)
    return f"X^{{({int(block[1]) + 1})}}" if block else _entry(name)[0]


def role(name: str) -> str:
    """What kind of tensor this is; tensors of one kind share a colour and a scale."""
    return "residual" if _BLOCK_OUTPUT.search(name) else _entry(name)[1]


def axes(name: str) -> tuple[str, ...]:
    """What each axis of one sentence's tensor counts."""
    return ("token", "feature") if _BLOCK_OUTPUT.search(name) else _entry(name)[2]
