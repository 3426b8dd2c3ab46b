"""How a tensor is written: its symbol in LaTeX, its role, the meaning of its axes. All follow from its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

# last parts of a name → (symbol, role, axes); the first entry that fits the end of a name counts
_TOKENS_FEATURES = ("token", "feature")
_HEADS_FEATURES = ("head", "token", "feature")
_HEADS_TOKENS = ("head", "token", "token")
_WEIGHT = ("feature", "feature")
_BIAS = ("feature",)

# end of a name → (symbol, role, axes); the longest end that stands here counts
_NOTATION: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "embedding": ("X", "embedding", _TOKENS_FEATURES),
    "target.embedding": ("Y", "embedding", _TOKENS_FEATURES),
    "projection": ("P", "parameter", _WEIGHT),
    "projected": ("X_P", "embedding", _TOKENS_FEATURES),
    "target.projected": ("Y_P", "embedding", _TOKENS_FEATURES),
    "projected_table": ("E_P", "embedding", ("word", "feature")),
    "scaled_embedding": ("X_d", "embedding", _TOKENS_FEATURES),
    "target.scaled_embedding": ("Y_d", "embedding", _TOKENS_FEATURES),
    "positions": ("\\mathit{PE}", "position", _TOKENS_FEATURES),
    "input": ("X^{(0)}", "input", _TOKENS_FEATURES),
    "target.input": ("Y^{(0)}", "input", _TOKENS_FEATURES),
    "projected_query": ("Q", "query", _TOKENS_FEATURES),
    "projected_key": ("K", "key", _TOKENS_FEATURES),
    "projected_value": ("V", "value", _TOKENS_FEATURES),
    "query": ("Q_h", "query", _HEADS_FEATURES),
    "key": ("K_h", "key", _HEADS_FEATURES),
    "value": ("V_h", "value", _HEADS_FEATURES),
    "next_key": ("k_h", "key", _HEADS_FEATURES),
    "next_value": ("v_h", "value", _HEADS_FEATURES),
    "scores": ("S_h", "scores", _HEADS_TOKENS),
    "scaled": ("\\tilde S_h", "scores", _HEADS_TOKENS),
    "masked": ("\\hat S_h", "scores", _HEADS_TOKENS),
    "weights": ("A_h", "weights", _HEADS_TOKENS),
    "heads": ("Z_h", "value", _HEADS_FEATURES),
    "concatenated": ("Z", "value", _TOKENS_FEATURES),
    "attention.output": ("O", "output", _TOKENS_FEATURES),
    "attention.residual": ("R", "residual", _TOKENS_FEATURES),
    "attention.normalised": ("N", "norm", _TOKENS_FEATURES),
    "feed_forward.normalised": ("N'", "norm", _TOKENS_FEATURES),
    "attention.norm": ("N", "norm", _TOKENS_FEATURES),
    "feed_forward.hidden": ("H", "hidden", _TOKENS_FEATURES),
    "feed_forward.activation": ("H^+", "hidden", _TOKENS_FEATURES),
    "feed_forward.output": ("F", "output", _TOKENS_FEATURES),
    "feed_forward.residual": ("R'", "residual", _TOKENS_FEATURES),
    "feed_forward.norm": ("N'", "norm", _TOKENS_FEATURES),
    "encoder.norm": ("M", "norm", _TOKENS_FEATURES),
    "encoder.memory": ("M", "norm", _TOKENS_FEATURES),
    "decoder.norm": ("Y^*", "norm", _TOKENS_FEATURES),
    "dropout": ("D", "residual", _TOKENS_FEATURES),
    "similarities": ("\\tilde L", "scores", ("token", "word")),
    "logits": ("L", "scores", ("token", "word")),
    "probabilities": ("p", "weights", ("token", "word")),
    "losses": ("\\ell", "loss", ("token",)),
    "loss": ("\\mathcal{L}", "loss", ()),
    "table": ("E", "parameter", ("word", "feature")),
    "source.table": ("E", "parameter", ("source word", "feature")),
    "position_table": ("E^{\\mathit{PE}}", "parameter", ("position", "feature")),
    "query.weight": ("W^Q", "parameter", _WEIGHT),
    "query.bias": ("b^Q", "parameter", _BIAS),
    "key.weight": ("W^K", "parameter", _WEIGHT),
    "key.bias": ("b^K", "parameter", _BIAS),
    "value.weight": ("W^V", "parameter", _WEIGHT),
    "value.bias": ("b^V", "parameter", _BIAS),
    "attention.output.weight": ("W^O", "parameter", _WEIGHT),
    "attention.output.bias": ("b^O", "parameter", _BIAS),
    "hidden.weight": ("W_1", "parameter", _WEIGHT),
    "hidden.bias": ("b_1", "parameter", _BIAS),
    "feed_forward.output.weight": ("W_2", "parameter", _WEIGHT),
    "feed_forward.output.bias": ("b_2", "parameter", _BIAS),
    "output.weight": ("W^L", "parameter", ("feature", "word")),
    "output.bias": ("b^L", "parameter", ("word",)),
    "pooling.query": ("q", "parameter", ("text", "feature")),
    "pooling.queries": ("q", "query", ("text", "feature")),
    "pooling.scores": ("s", "scores", ("text", "token")),
    "pooling.scaled": ("\\tilde s", "scores", ("text", "token")),
    "pooling.masked": ("\\hat s", "scores", ("text", "token")),
    "pooling.weights": ("a", "weights", ("text", "token")),
    "pooling.pooled": ("m", "output", ("text", "feature")),
    "labels.output.weight": ("W^C", "parameter", ("feature", "label")),
    "labels.output.bias": ("b^C", "parameter", ("label",)),
    "labels.logits": ("L", "scores", ("text", "label")),
    "labels.probabilities": ("p", "weights", ("text", "label")),
    "labels.losses": ("\\ell", "loss", ("text",)),
    "norm.gain": ("\\gamma", "parameter", _BIAS),
    "norm.bias": ("\\beta", "parameter", _BIAS),
}
# a decoder's two attentions, masked and cross, mark the letters that they share with an encoder's
_MARKED = re.compile(r"(?:^|\.)decoder\.\d+\.(self|cross)_attention\.(?!normalised|residual|norm|dropout)")
_BLOCK_OUTPUT = re.compile(r"(?:^|\.)(encoder|decoder)\.(\d+)\.feed_forward\.norm$")
# of a decoder's three sums in a layer the second and the third have a prime more than those of an encoder's two
_LATER = re.compile(r"(?:^|\.)decoder\.\d+\.(?:cross_attention|feed_forward)\.(?:normalised|residual|norm)$")


def _entry(name: str) -> tuple[str, str, tuple[str, ...]]:
    parts = name.replace("self_attention", "attention").replace("cross_attention", "attention").split(".")
    for start in range(len(parts)):
        ending = ".".join(parts[start:])
        if ending in _NOTATION:
            return _NOTATION[ending]
    raise KeyError(f"No notation for a tensor called {name}.")


def symbol(name: str) -> str:
    """The LaTeX symbol of a tensor; block l turns X^(l-1) into X^(l), in the decoder Y^(l-1) into Y^(l).

    Q, K, V and what follows from them are an encoder's; those of masked self-attention are Q^m, of cross-attention Q^c.
    """
    block = _BLOCK_OUTPUT.search(name)
    if not block:
        letter = _entry(name)[0]
        if marked := _MARKED.search(name):
            letter = _with_mark(letter, "m" if marked[1] == "self" else "c")
        return letter + ("'" if _LATER.search(name) else "")
    return f"{'X' if block[1] == 'encoder' else 'Y'}^{{({int(block[2]) + 1})}}"


def _with_mark(letter: str, mark: str) -> str:
    """A symbol such as Q_h, \\tilde S_h or W^Q with one mark more above it."""
    base, below, index = letter.partition("_")
    base, _, above = base.partition("^")
    return f"{base}^{{{above}\\mathrm{{{mark}}}}}{below}{index}"


@lru_cache(maxsize=4096)  # a scale asks for the role of each tensor of a trace
def role(name: str) -> str:
    """What kind of tensor this is; tensors of one kind share a colour and a scale."""
    return "residual" if _BLOCK_OUTPUT.search(name) else _entry(name)[1]


def axes(name: str) -> tuple[str, ...]:
    """What each axis of one sentence's tensor counts: heads, source or target tokens, features, words, positions."""
    counted = _entry(name)[2]
    queries, keys = _sides(name)
    last = len(counted) - 1
    return tuple(
        (keys if place == last else queries) if axis == "token" else axis for place, axis in enumerate(counted)
    )


def _sides(name: str) -> tuple[str, str]:
    """Whose tokens the rows and the columns of a tensor stand for."""
    side = "target" if name.startswith(("decoder.", "target.")) or name in _OUTPUTS else "source"
    if ".cross_attention." not in name:
        return side, side
    return ("source" if name.endswith(("key", "value")) else "target"), "source"


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def told_apart(tokens: Sequence[str]) -> tuple[str, ...]:
    """The tokens of a sentence as names of its rows: those that stand in it more than once are numbered, the₁, the₂."""
    seen: Counter[str] = Counter()
    counts, names = Counter(tokens), []
    for token in tokens:
        seen[token] += 1
        names.append(token + str(seen[token]).translate(_SUBSCRIPTS) if counts[token] > 1 else token)
    return tuple(names)


_OUTPUTS = ("similarities", "logits", "probabilities", "losses")


_BREAK = " \\\\ "


def aligned(lines: Iterable[str]) -> str:
    """Several lines of LaTeX as one formula, each with & where they line up."""
    return f"\\begin{{aligned}}{_BREAK.join(lines)}\\end{{aligned}}"


_LETTERS = {
    "\\sum": "Σ", "\\varepsilon": "ε", "\\varphi": "φ", "\\sigma": "σ", "\\delta": "δ", "\\Phi": "Φ", "\\mu": "μ",
    "\\eta": "η", "\\ln": "ln", "\\sin": "sin", "\\cos": "cos",
    "\\hat x": "x̂", "\\hat v": "v̂", "^2": "²", "\\,": " ", "\\ ": " ", "-": "−",
}  # fmt: skip


def in_unicode(latex: str) -> str:
    """The symbol of a constant without LaTeX, such as “1 / √(σ² + ε)”."""
    text = re.sub(r"\\tfrac\{(\w+)\}\{(\w+)\}", r"\1/\2", latex)
    text = re.sub(r"\\mathit\{(\w+)\}", r"\1", text)
    for symbol_, letter in _LETTERS.items():
        text = text.replace(symbol_, letter)
    text = re.sub(r"\\sqrt\{([^{}]*)\}", lambda m: f"√{m[1]}" if len(m[1]) < 4 else f"√({m[1]})", text)
    return re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text).replace("_{jk}", "ⱼₖ").replace("_j", "ⱼ").replace("_k", "ₖ")
