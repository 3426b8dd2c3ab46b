"""Tensors, and the sums that their numbers are, as notebooks draw them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from explorer.texts import _, _n
from explorer.transformer import notation
from explorer.writing import notebook
from explorer.writing.html_matrix import matrix
from explorer.writing.mathematics import mathematics
from explorer.writing.numbers import rounded

if TYPE_CHECKING:
    from explorer.transformer.explanation import Explanation, Factor, Term
    from explorer.transformer.trace import Tensor, Trace

_MOST = {"head": 16, "rows": 48, "columns": 32}
_WORDS_A_POSITION = 4
_MOST_TERMS = 200
_AXES = {"source": "token", "target": "token", "source word": "word"}


def tensor_html(tensor: Tensor, trace: Trace) -> str:
    """A matrix a head, with the names of rows and columns and the scale of its role; of a vocabulary the likeliest
    words, and of what is very large its beginning."""
    values, axes = tensor.value, tensor.axes
    labels = [list(names) for names in trace.labels(tensor.name)]
    if axes[-1:] == ("word",) and "probabilities" in trace and values.shape[-1] > _MOST["columns"]:
        likeliest = trace.likeliest_words(_WORDS_A_POSITION)
        labels[-1], values = [labels[-1][word] for word in likeliest], values[..., likeliest]
    while len(labels) < 2:  # one number a position, or a single one, stand as a row
        labels, values = [[""], *labels], values[np.newaxis]
    heads, rows, columns = labels if len(labels) == 3 else ([""], *labels)
    values = values.reshape(len(heads), len(rows), len(columns))
    most = tuple(_MOST.values())
    matrices = "".join(
        matrix(
            values[number, : most[1], : most[2]].tolist(),
            rows[: most[1]],
            columns[: most[2]],
            trace.scale(tensor.name),
            _("head {head}", head=head) if head else "",
        )
        for number, head in enumerate(heads[: most[0]])
    )
    size = (
        _("a single number")
        if not tensor.shape
        else " × ".join(
            f"{count:,} {_AXES.get(axis, axis)}{'' if count == 1 else 's'}"
            for count, axis in zip(tensor.shape, axes, strict=True)
        )
    )
    has_all = all(len(names) <= limit for names, limit in zip((heads, rows, columns), most, strict=True))
    left_out = (
        "" if has_all and values.size == tensor.value.size else _("Not all of it has room here: value has all numbers.")
    )
    about = (
        f'<p class="quiet"><i style="background: var(--role-{tensor.role})"></i> <code>{escape(tensor.name)}</code>, '
        f"{mathematics(tensor.symbol)} · {size}</p>"
    )
    return notebook.output(f'{about}<div class="heads">{matrices}</div>', sentences=[left_out] * bool(left_out))


def explanation_html(explanation: Explanation) -> str:
    """The formula, a row for each term with its factors and its product, and their sum."""
    scope = explanation.tensor.rpartition(".")[0]
    terms, more = explanation.terms[:_MOST_TERMS], len(explanation.terms) - _MOST_TERMS
    rows = "".join(
        f"<tr><td>{' × '.join(_factor(factor, scope) for factor in term.factors)}</td><td>{_product(term)}</td>"
        f'<td class="number" title="{term.number!r}">{rounded(term.number)}</td></tr>\n'
        for term in terms
    )
    rest = math.fsum(term.number for term in explanation.terms[_MOST_TERMS:])
    if more > 0:
        others = escape(_n("{count} more term", "{count:,} more terms", more))
        rows += f'<tr><td>{others}</td><td></td><td class="number">{rounded(rest)}</td></tr>\n'
    last = escape(_("their sum"))
    total = (
        f'<tr class="total"><td>{last}</td><td></td>'
        f'<td class="number" title="{explanation.total!r}">{rounded(explanation.total)}</td></tr>'
    )
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in (_("term"), _("in numbers")))
    head += '<th scope="col" class="number">' + escape(_("product")) + "</th>"
    name = explanation.tensor + _index(explanation.index)
    name = _("gradient of {tensor}", tensor=name) if explanation.gradient else name
    return notebook.output(
        f'<p><code>{escape(name)}</code> = <span title="{explanation.number!r}">'
        f"{rounded(explanation.number)}</span></p>"
        f'<div class="scroll">{mathematics(explanation.formula, "block")}</div>'
        f'<div class="scroll sum"><table><thead><tr>{head}</tr></thead>\n<tbody>{rows}{total}</tbody></table></div>'
    )


def _factor(factor: Factor, scope: str) -> str:
    """A cell by the name of its tensor, without the layer where that is the same, or a constant."""
    if factor.tensor is None or factor.index is None:
        return escape(notation.in_unicode(factor.symbol or ""))
    name = escape(factor.tensor + _index(factor.index))
    short = escape(factor.tensor.removeprefix(f"{scope}.") + _index(factor.index))
    code = f'<code title="{name}">{short}</code>'
    return _("gradient of {tensor}", tensor=code) if factor.gradient else code


def _product(term: Term) -> str:
    return " × ".join(
        f"({text})" if place and text.startswith("−") else text
        for place, text in enumerate(rounded(factor.number) for factor in term.factors)
    )


def _index(index: Sequence[int]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""
