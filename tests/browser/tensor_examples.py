"""Equations of small and large tensors, as the core hands them to the component that draws them."""

import base64

import numpy as np

from explorer.tensors import standalone

WORDS = ["he", "likes", "tea"]
SUM = {"over": 4, "text": "{0}·{1}", "slots": [{"part": 0, "at": [0, "i", "k"]}, {"part": 1, "at": [0, "k", "j"]}]}


def matrix(number, values, rows=None, columns=None, **more):
    values = np.asarray(values, dtype=float)
    rows = rows or [str(row) for row in range(values.shape[-2])]
    columns = columns or [str(column) for column in range(values.shape[-1])]
    heads = [str(head + 1) for head in range(len(values))] if values.ndim == 3 else None
    finite = np.abs(values[np.isfinite(values)])
    return {
        "kind": "matrix",
        "id": number,
        "name": f"tensor.{number}",
        "side": "value",
        "symbol": "",
        "caption": "",
        "shape": "",
        "role": "residual",
        "heads": heads,
        "rows": rows,
        "columns": columns,
        "transposed": False,
        "rowPlaces": list(range(len(rows))),
        "columnPlaces": list(range(len(columns))),
        "left_out": "",
        "bands": None,
        "bandsOf": None,
        "limit": float(finite.max(initial=0)),
        "probabilities": False,
        "decimals": 4,
        "float64": base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode(),
    } | more


def operator(text):
    return {"kind": "operator", "text": text}


def equation(parts, result, lines, worked=(0, 0, 1), title=""):
    return {"title": title, "parts": parts, "result": result, "worked": list(worked), "lines": lines}


def symbol(letter, exponent=""):
    letter = f"<mi>{letter}</mi>"
    body = f"<msup>{letter}<mi>{exponent}</mi></msup>" if exponent else letter
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{body}</math>'


X = np.array([[0.1, 0.2, -0.1, 0.4], [0.5, -0.3, 0.8, 0.25], [-0.7, 0.6, 0.05, 1.0]])
W = np.array([[0.2, 0.31, -0.5, 0.1], [0.4, -0.4, 0.3, 0.9], [-0.3, 0.7, 0.2, -0.6], [0.8, 0.2, -0.1, 0.5]])
BIAS = np.array([[0.01, 0.0, -0.02, 0.125]])


def projection(rows=WORDS):
    """X·W + b = Q, with the cell of the second column of the first row open."""
    parts = [
        matrix(0, X, rows, symbol=symbol("X"), caption="input", shape=f"{len(rows)} tokens × 4", role="input"),
        operator("·"),
        matrix(1, W, symbol=symbol("W", "Q"), caption="weights", shape="4 × 4", role="parameter"),
        operator("+"),
        matrix(2, BIAS, [""], symbol=symbol("b", "Q"), caption="bias", shape="4", role="parameter"),
        operator("="),
        matrix(3, X @ W + BIAS, rows, symbol=symbol("Q"), caption="queries", shape="3 tokens × 4", role="query")
        | {"bands": [0, 0, 1, 1], "bandsOf": "columns"},
    ]
    slots = [SUM, {"part": 2, "at": [0, 0, "j"]}]
    line = {"part": 3, "at": ["h", "i", "j"], "text": "{0} + {1}", "slots": slots}
    return equation(parts, 3, [line], title="Queries of the encoder, layer 1")


def scores(heads=2):
    """Q·Kᵀ / √2 = S for each head, the future of each word masked."""
    generator = np.random.default_rng(1)
    queries, keys = generator.normal(size=(2, heads, 3, 2))
    result = queries @ keys.transpose(0, 2, 1) / np.sqrt(2)
    result[:, np.triu(np.ones((3, 3), bool), 1)] = -np.inf
    parts = [
        matrix(0, queries, WORDS, symbol=symbol("Q"), caption="queries", role="query", shape=f"{heads} heads × 3 × 2"),
        operator("·"),
        matrix(1, keys.transpose(0, 2, 1), None, WORDS, symbol=symbol("K", "⊤"), caption="keys", role="key")
        | {"transposed": True, "shape": f"{heads} heads × 2 × 3"},
        operator("/ √2"),
        operator("="),
        matrix(2, result, WORDS, WORDS, symbol=symbol("S"), caption="scores", role="scores")
        | {"shape": f"{heads} heads × 3 × 3"},
    ]
    terms = {
        "over": 2,
        "text": "{0}·{1}",
        "slots": [{"part": 0, "at": ["h", "i", "k"]}, {"part": 1, "at": ["h", "k", "j"]}],
    }
    root = {"number": float(np.sqrt(2)), "symbol": "√d_k"}
    line = {"part": 2, "at": ["h", "i", "j"], "text": "({0}) / {1}", "slots": [terms, root]}
    return equation(parts, 2, [line], worked=(0, 1, 0), title="Scores")


def softmax():
    """Scores, minus the maximum, exponentials and their sum, shares: columns of the same row."""
    values = np.array([[1.2, 0.3, -0.5], [0.1, 0.9, 0.2], [-1.0, 0.4, 2.0]])
    less = values - values.max(axis=1, keepdims=True)
    powers = np.exp(less)
    total = powers.sum(axis=1, keepdims=True)
    here = ["h", "i", "j"]
    parts = [
        matrix(0, values, WORDS, WORDS, symbol=symbol("S"), caption="scores", role="scores"),
        operator("→"),
        matrix(1, less, WORDS, WORDS, caption="minus the maximum", name=None, role="scores"),
        operator("→"),
        matrix(2, powers, WORDS, WORDS, caption="exponentials", name=None, role="scores"),
        operator("/"),
        matrix(3, total, WORDS, [""], caption="their sum", name=None, role="scores"),
        operator("="),
        matrix(4, powers / total, WORDS, WORDS, symbol=symbol("A"), caption="weights", role="weights", limit=1.0)
        | {"probabilities": True},
    ]
    biggest = {"by": "i", "table": [int(row.argmax()) for row in values]}
    lines = [
        {
            "part": 1,
            "at": here,
            "text": "{0} − {1}",
            "slots": [{"part": 0, "at": here}, {"part": 0, "at": [0, "i", biggest]}],
        },
        {"part": 2, "at": here, "text": "exp {0}", "slots": [{"part": 1, "at": here}]},
        {
            "part": 3,
            "at": [0, "i", 0],
            "text": "{0}",
            "slots": [{"over": 3, "text": "{0}", "slots": [{"part": 2, "at": [0, "i", "k"]}]}],
        },
        {
            "part": 4,
            "at": here,
            "text": "{0} / {1}",
            "slots": [{"part": 2, "at": here}, {"part": 3, "at": [0, "i", 0]}],
        },
    ]
    return equation(parts, 4, lines, worked=(0, 0, 1), title="Softmax")


def lookup():
    """Rows lifted out of a table: the second word is the third of the vocabulary."""
    generator = np.random.default_rng(2)
    table, places = generator.normal(size=(5, 4)), [4, 2, 0]
    vocabulary = ["tea", "and", "likes", "coffee", "he"]
    parts = [
        matrix(0, table, vocabulary, symbol=symbol("E"), caption="embeddings", role="embedding")
        | {"left_out": "1,519 more words", "rowPlaces": [40, 3, 7, 9, 12]},
        operator("→"),
        matrix(1, table[places], WORDS, symbol=symbol("X"), caption="looked up", role="embedding"),
    ]
    slot = {"part": 0, "at": [0, {"by": "i", "table": places}, "j"]}
    return equation(parts, 1, [{"part": 1, "at": [0, "i", "j"], "text": "{0}", "slots": [slot]}], title="Lookup")


def split():
    """Columns of one matrix become the columns of heads."""
    heads = X.reshape(3, 2, 2).transpose(1, 0, 2)
    parts = [
        matrix(0, X, WORDS, caption="queries", role="query") | {"bands": [0, 0, 1, 1], "bandsOf": "columns"},
        operator("→"),
        matrix(1, heads, WORDS, caption="a matrix a head", role="query"),
    ]
    slot = {"part": 0, "at": [0, "i", {"by": ["h", "j"], "table": [[0, 1], [2, 3]]}]}
    line = {"part": 1, "at": ["h", "i", "j"], "text": "{0}", "slots": [slot]}
    return equation(parts, 1, [line], worked=(1, 0, 0), title="Split into heads")


def wide(inner=64, rows=10, columns=64, decimals=None):
    """A·B = C with a sum of `inner` terms."""
    generator = np.random.default_rng(3)
    left, right = generator.normal(size=(rows, inner)), generator.normal(size=(inner, columns))
    names = [f"word{row}" for row in range(rows)]
    parts = [
        matrix(0, left, names, symbol=symbol("X"), caption="input", role="input", decimals=decimals),
        operator("·"),
        matrix(1, right, symbol=symbol("W"), caption="weights", role="parameter", decimals=decimals),
        operator("="),
        matrix(2, left @ right, names, symbol=symbol("Y"), caption="output", role="output", decimals=decimals),
    ]
    terms = SUM | {"over": inner}
    line = {"part": 2, "at": ["h", "i", "j"], "text": "{0}", "slots": [terms]}
    return equation(parts, 2, [line], worked=(0, 1, 2), title="A wide product")


def alone(values, title="", **more):
    """One matrix, each cell its own explanation."""
    part = matrix(0, values, **more)
    line = {"part": 0, "at": ["h", "i", "j"], "text": "{0}", "slots": [{"part": 0, "at": ["h", "i", "j"]}]}
    return equation([part], 0, [line], worked=(0, 0, 0), title=title)


def document(*equations, stage=False):
    """A whole page around the fragment."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Equations</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>:root{color-scheme:light dark} body{margin:16px;background:light-dark(#ffffff,#16191d)}"
        "h1{font:600 20px sans-serif;color:light-dark(#1d2126,#e4e7eb)}</style></head>"
        f"<body><main><h1>Equations</h1>{standalone(equations, stage=stage)}</main></body></html>"
    )
