"""Commands that ask vectors: neighbours, similarity, models."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer.cli.output import print_json

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    neighbours = commands.add_parser("neighbours", help="the words nearest to a word")
    neighbours.add_argument("word")
    neighbours.add_argument("-n", type=int, default=10, help="how many (default: 10)")
    neighbours.add_argument("--pos", help="only words of this part of speech, such as NOUN")
    neighbours.add_argument("--min-count", type=int, default=0, help="only words that occur at least so often")
    neighbours.set_defaults(run=_neighbours)

    similarity = commands.add_parser("similarity", help="the cosine of two words")
    similarity.add_argument("first")
    similarity.add_argument("second")
    similarity.set_defaults(run=_similarity)

    models = commands.add_parser("models", help="the models at hand")
    models.set_defaults(run=_models)

    for command in (neighbours, similarity):
        command.add_argument("--model", help="see `models` (default: the first of them)")
    for command in (neighbours, similarity, models):
        command.add_argument("--json", action="store_true", help="for machines")


def _neighbours(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.neighbours import neighbours

    answer = neighbours(catalog.load(options.model), options.word, options.n, options.pos, options.min_count)
    if options.json:
        print_json(answer.as_json())
        return
    print(f"{answer.word} · {answer.model}")
    if not answer.rows:
        print("No word passes the filters: take another part of speech or a lower minimum count.", file=sys.stderr)
    for row in answer.rows:
        print(f"{row.rank:>4}  {row.word:<24} {row.pos:<6} {row.similarity:>7.4f} {row.count:>12,}")


def _similarity(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.similarity import similarity

    pair = similarity(catalog.load(options.model), options.first, options.second)
    if options.json:
        print_json(pair.as_json())
    else:
        print(f"{pair.first} · {pair.second} · {pair.similarity:.4f} · {pair.model}")


def _models(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog

    cards = [catalog.card(name) for name in catalog.names()]
    if options.json:
        print_json([card.as_json() for card in cards])
        return
    for card in cards:
        print(f"{card.name:<24} {card.words:>10,} words × {card.dimensions} dimensions  {card.title}")
