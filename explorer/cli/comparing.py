"""Commands that compare models: side-by-side, disagreement."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from explorer.cli.output import print_json, progress_bar

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    side_by_side = commands.add_parser("side-by-side", help="the neighbours of a word in several models")
    side_by_side.add_argument("word")
    side_by_side.add_argument("--models", nargs="+", help="see `models` (default: all that are at hand)")
    side_by_side.add_argument("-n", type=int, default=10, help="how many (default: 10)")
    side_by_side.add_argument("--pos", help="only words of this part of speech, such as NOUN")
    side_by_side.set_defaults(run=_side_by_side)

    disagreement = commands.add_parser("disagreement", help="the words whose neighbours differ most in two models")
    disagreement.add_argument("first")
    disagreement.add_argument("second")
    disagreement.add_argument("-k", type=int, default=10, help="neighbours compared (default: 10)")
    disagreement.add_argument("--most", type=int, default=5000, help="most frequent shared words (default: 5000)")
    disagreement.add_argument("-n", type=int, default=30, help="words to print without --json (default: 30)")
    disagreement.set_defaults(run=_disagreement)

    aligned = commands.add_parser("aligned-map", help="a word's neighbours in two models, one turned onto the other")
    aligned.add_argument("word")
    aligned.add_argument("first")
    aligned.add_argument("second")
    aligned.add_argument("-n", type=int, default=12, help="neighbours in each (default: 12)")
    aligned.set_defaults(run=_aligned_map)

    for command in (side_by_side, disagreement, aligned):
        command.add_argument("--json", action="store_true", help="for machines")


def _side_by_side(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.comparison import side_by_side

    embeddings = [catalog.load(name) for name in options.models or catalog.names()]
    answer = side_by_side(embeddings, options.word, options.n, options.pos)
    if options.json:
        print_json(answer.as_json())
        return
    print("".join(f"{column.model:<32}" for column in answer.columns))
    for rank in range(options.n):
        cells = []
        for column in answer.columns:
            rows = column.answer.rows if column.answer else ()
            row = rows[rank] if rank < len(rows) else None
            cells.append(f"{row.similarity:>7.4f} {row.word}{'*' if row.word in answer.ranks else ''}" if row else "")
        print("".join(f"{cell:<32}" for cell in cells).rstrip())
    for column in answer.columns:
        for sentence in column.sentences:
            print(f"{column.model}: {sentence}")
    print("* in more than one model")


def _aligned_map(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.alignment import align, aligned_map

    alignment = align(catalog.load(options.first), catalog.load(options.second))
    picture = aligned_map(alignment, options.word, options.n)
    if options.json:
        print_json(picture.as_json())
        return
    print(f"{picture.word} · {picture.first} → {picture.second} · fit {picture.fit:.3f} · {picture.shown:.0%} shown")
    for point in picture.points:
        places = "  ".join(f"{x:>7.3f} {y:>7.3f}" for x, y in (point.first, point.second))
        print(f"{point.word:<24} {places}   cosine {point.similarity:.3f}")


def _disagreement(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.comparison import disagreement

    with progress_bar() as show:
        found = disagreement(
            catalog.load(options.first),
            catalog.load(options.second),
            options.k,
            options.most,
            lambda share: show("comparing", share),
        )
    if options.json:
        print_json(found.as_json())
        return
    print(f"{found.first} · {found.second} · {len(found.words):,} words · mean overlap {found.mean:.3f}")
    for word, overlap in found.between(0, found.k)[: options.n]:
        print(f"{overlap:.3f}  {word}")
