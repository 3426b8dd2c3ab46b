"""Commands that draw words: map, graph."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer.cli.output import print_json
from explorer.errors import UserError

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.embedding import Embedding
    from explorer.embeddings.map_words import MapWords
    from explorer.embeddings.projection import Projection

_LISTED = 30  # points or edges that are printed without --json or --csv


def add_to(commands: Commands) -> None:
    drawing = commands.add_parser("map", help="words in two or three dimensions, and how far to trust the map")
    drawing.add_argument("--method", default="pca", help="pca, t-sne or umap (default: pca)")
    drawing.add_argument("--dimensions", type=int, default=2, help="2 or 3 (default: 2)")
    drawing.add_argument("--perplexity", type=float, default=30, help="how many neighbours count (default: 30)")
    drawing.set_defaults(run=_map)

    graph = commands.add_parser("graph", help="words as a graph: an edge where a cosine is high enough")
    graph.add_argument("--threshold", type=float, default=0.6, help="the least cosine of an edge (default: 0.6)")
    graph.set_defaults(run=_graph)

    for command in (drawing, graph):
        command.add_argument("words", nargs="*", metavar="WORD", help="a list of words")
        command.add_argument("--around", metavar="WORD", help="a word and its neighbours instead")
        command.add_argument("-n", type=int, default=50, help="how many of them (default: 50)")
        command.add_argument("--most-frequent", type=int, metavar="N", help="the N most frequent words instead")
        command.add_argument("--seed", type=int, default=0, help="of what is random (default: 0)")
        command.add_argument("--model", help="see `models` (default: the first of them)")
        form = command.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="for machines")
        form.add_argument("--csv", action="store_true", help="for spreadsheets")


def _map(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog

    embedding = catalog.load(options.model)
    projection = _projected(embedding, options)
    if options.json:
        print_json(projection.as_json())
    elif options.csv:
        print(projection.as_csv(), end="")
    else:
        shown = "" if projection.shown is None else f" · {projection.shown:.1%} of the variance"
        print(f"{projection.model} · {projection.method} · trustworthiness {projection.trustworthiness:.4f}{shown}")
        print(
            f"The last number is the share of a word's {projection.k} nearest here that are its nearest in the space."
        )
        rows = list(zip(projection.words, projection.coordinates.tolist(), projection.kept.tolist(), strict=True))
        for word, at, kept in rows[:_LISTED]:
            print(f"{word:<24}", *(f"{number:>9.4f}" for number in at), f"{kept:>6.0%}")
        _say_the_rest(len(rows), "words")


def _projected(embedding: Embedding, options: argparse.Namespace) -> Projection:
    from tqdm import tqdm

    from explorer.embeddings.projection import project

    words = _words(embedding, options).words
    with tqdm(total=1, bar_format="{percentage:3.0f}% {bar} {remaining}", delay=0.5) as bar:
        return project(
            embedding,
            words,
            options.method,
            options.dimensions,
            options.perplexity,
            options.seed,
            lambda share: bar.update(share - bar.n),
        )


def _graph(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.graph import neighbour_graph

    embedding = catalog.load(options.model)
    graph = neighbour_graph(embedding, _words(embedding, options).words, options.threshold, options.seed)
    if options.json:
        print_json(graph.as_json())
    elif options.csv:
        print(graph.as_csv(), end="")
    else:
        print(f"{graph.model} · {len(graph.places):,} words · {len(graph.edges):,} edges from {graph.threshold:g} on")
        for edge in graph.edges[:_LISTED]:
            print(f"{edge.similarity:>7.4f}  {edge.first} – {edge.second}")
        _say_the_rest(len(graph.edges), "edges")


def _words(embedding: Embedding, options: argparse.Namespace) -> MapWords:
    """The words that the options name; what there is to say about them goes to standard error."""
    from explorer.embeddings.map_words import around, listed, most_frequent

    if sum((bool(options.words), options.around is not None, options.most_frequent is not None)) != 1:
        raise UserError("Name the words to draw, or --around WORD, or --most-frequent N: one of the three.")
    if options.around is not None:
        drawn = around(embedding, options.around, options.n)
    elif options.most_frequent is not None:
        drawn = most_frequent(embedding, options.most_frequent)
    else:
        drawn = listed(embedding, options.words)
    for sentence in drawn.sentences:
        print(sentence, file=sys.stderr)
    return drawn


def _say_the_rest(count: int, named: str) -> None:
    if count > _LISTED:
        print(f"… and {count - _LISTED:,} more {named}: --csv or --json has them all.")
