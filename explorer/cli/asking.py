"""Commands that ask vectors about several words: similarity, matrix, analogy, odd-one-out, axes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import print_json
from explorer.errors import UserError

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.embedding import Embedding


def add_to(commands: Commands) -> None:
    similarity = commands.add_parser("similarity", help="the cosine of two words, or of many pairs")
    similarity.add_argument("words", nargs="*", metavar="WORD", help="two words; several in quotes count as their mean")
    similarity.add_argument("--pairs", metavar="FILE", help="a pair a line instead, with a comma between; - reads them")
    similarity.set_defaults(run=_similarity)

    matrix = commands.add_parser("matrix", help="the cosine of each word with each other, in clustering order")
    matrix.set_defaults(run=_matrix)

    analogy = commands.add_parser("analogy", help="the words nearest to a formula")
    analogy.add_argument("formula", help='such as "king - man + 0.5 * woman"')
    analogy.add_argument("-n", type=int, default=10, help="how many (default: 10)")
    analogy.add_argument("--method", default="add", help="add (3CosAdd, the default) or multiply (3CosMul)")
    analogy.set_defaults(run=_analogy)

    odd_one_out = commands.add_parser("odd-one-out", help="the word that fits the others least")
    odd_one_out.set_defaults(run=_odd_one_out)

    axes = commands.add_parser("axes", help="where words lie between two ends, such as cheap and expensive")
    axes.add_argument(
        "--axis",
        nargs=2,
        action="append",
        required=True,
        metavar=("START", "END"),
        help="its two ends, each a word or several in quotes; may be repeated",
    )
    axes.set_defaults(run=_axes)

    for command in (matrix, odd_one_out, axes):
        command.add_argument("words", nargs="*", metavar="WORD")
    for command in (similarity, matrix, analogy, odd_one_out, axes):
        command.add_argument("--model", help="see `models` (default: the first of them)")
        command.add_argument("--json", action="store_true", help="for machines")


def _similarity(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.similarity import read_pairs, similarities, similarity

    if options.pairs is not None:
        if options.words:
            raise UserError("Give two words or --pairs, not both.")
        batch = similarities(catalog.load(options.model), read_pairs(_read(options.pairs)))
        if options.json:
            print_json(batch.as_json())
            return
        for row in batch.rows:
            print(f"{row.first:<24} {row.second:<24} {_four(row.similarity)} {row.note}".rstrip())
        return
    if len(options.words) != 2:
        raise UserError(f"Similarity is asked of two words, but here are {len(options.words)}; --pairs takes many.")
    pair = similarity(catalog.load(options.model), *options.words)
    if options.json:
        print_json(pair.as_json())
    else:
        print(f"{pair.first} · {pair.second} · {_four(pair.similarity).strip()} · {pair.model}")
        _say(pair.notes)


def _matrix(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.matrix import matrix

    answer = matrix(catalog.load(options.model), options.words)
    if options.json:
        print_json(answer.as_json())
        return
    width = max(map(len, answer.words))
    print(" " * width, *(f"{word:>{max(7, len(word))}}" for word in answer.words))
    for word, cosines in zip(answer.words, answer.cosines.tolist(), strict=True):
        numbers = (f"{number:>{max(7, len(other))}.4f}" for other, number in zip(answer.words, cosines, strict=True))
        print(f"{word:<{width}}", *numbers)
    _say(answer.notes)


def _analogy(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.analogy import analogy

    answer = analogy(catalog.load(options.model), options.formula, options.n, options.method)
    if options.json:
        print_json(answer.as_json())
        return
    print(f"{answer.formula} · {answer.measure} · {answer.model}")
    for row in answer.rows:
        print(f"{row.rank:>4}  {row.word:<24} {row.pos:<6} {row.score:>7.4f}")
    _say(answer.notes)


def _odd_one_out(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.odd_one_out import odd_one_out

    answer = odd_one_out(catalog.load(options.model), options.words)
    if options.json:
        print_json(answer.as_json())
        return
    print(f"{answer.word} · {answer.model}")
    for row in answer.rows:
        print(f"      {row.word:<24} {row.similarity:>7.4f}")
    _say(answer.notes)


def _axes(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.axes import place

    embedding = catalog.load(options.model)
    ends = [(_words(embedding, start), _words(embedding, end)) for start, end in options.axis]
    answer = place(embedding, options.words, ends)
    if options.json:
        print_json(answer.as_json())
        return
    print(" · ".join(axis.name for axis in answer.axes))
    for word, positions in zip(answer.words, answer.positions.tolist(), strict=True):
        print(f"{word:<24}", *(f"{position:>7.4f}" for position in positions))
    _say(answer.notes)


def _say(notes: Sequence[str]) -> None:
    """How vectors came that are not a word's own, beside the answer."""
    for note in notes:
        print(note, file=sys.stderr)


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UserError(
            f"The pairs in {name} cannot be read: {reason}. Name a text file with a pair a line."
        ) from error


def _words(embedding: Embedding, text: str) -> list[str]:
    """The words at an end of an axis; a text that is one word of the vocabulary is that word."""
    return [text] if text in embedding else text.replace(",", " ").split()


def _four(number: float | None) -> str:
    return f"{number:>7.4f}" if number is not None else f"{'–':>7}"
