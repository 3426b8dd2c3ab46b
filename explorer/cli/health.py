"""Commands that ask how good a model is, and what its cosines mean: evaluate, health, percentile, why."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer.cli.output import print_json, progress_bar

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.evaluation import Score
    from explorer.embeddings.health import Health


def add_to(commands: Commands) -> None:
    evaluate = commands.add_parser("evaluate", help="analogies and word pairs, as gensim evaluates them")
    evaluate.add_argument(
        "--restrict-vocab", type=int, help="ask analogies of so many of the most frequent words (default: 50,000)"
    )
    evaluate.set_defaults(run=_evaluate)

    health = commands.add_parser(
        "health", help="hubness, anisotropy and frequency bias, and what centring does to them"
    )
    health.add_argument("--words", type=int, help="measure over so many of the most frequent words (default: 5,000)")
    health.add_argument(
        "--components", type=int, help="how many all-but-the-top takes away (default: dimensions / 100)"
    )
    health.set_defaults(run=_health)

    percentile = commands.add_parser("percentile", help="how high a cosine is among random pairs as frequent")
    percentile.set_defaults(run=_percentile)

    why = commands.add_parser("why", help="what the cosine of two words is made of")
    why.add_argument("-n", type=int, default=10, help="how many dimensions (default: 10)")
    why.set_defaults(run=_why)

    for command in (evaluate, health):
        command.add_argument("model", nargs="?", help="see `models` (default: the first of them)")
    for command in (percentile, why):
        command.add_argument("first")
        command.add_argument("second")
        command.add_argument("--model", help="see `models` (default: the first of them)")
    for command in (evaluate, health, percentile, why):
        command.add_argument("--json", action="store_true", help="for machines")


def _evaluate(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.evaluation import RESTRICTED_VOCABULARY, evaluate_model

    embedding = catalog.load(options.model)
    restrict_vocab = RESTRICTED_VOCABULARY if options.restrict_vocab is None else options.restrict_vocab
    with progress_bar() as show:
        for scores in evaluate_model(embedding, restrict_vocab):
            show("evaluating", scores.done)
    if options.json:
        print_json({"model": embedding.name} | scores.as_json())
        return
    print(f"{embedding.name} · analogies of the {restrict_vocab:,} most frequent words · word pairs by Spearman's ρ")
    for name, score in scores.table.items():
        print(f"{name:<28} {_value(score)} {score.asked:>8,} of {score.questions:>6,} asked")


def _value(score: Score) -> str:
    return "      –" if score.value is None else f"{score.value:>7.4f}"


def _health(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.health import WORDS, examine

    embedding = catalog.load(options.model)
    words = WORDS if options.words is None else options.words
    with progress_bar() as show:
        spaces = examine(embedding, words, options.components, lambda share: show("measuring", share))
    if options.json:
        print_json({"model": embedding.name, "spaces": [space.as_json() for space in spaces]})
        return
    for space in spaces:
        _print_health(space)
    if spaces[0].note:
        print(spaces[0].note, file=sys.stderr)


def _print_health(space: Health) -> None:
    hubs, cone, frequency = space.hubness, space.anisotropy, space.frequency
    named = ", ".join(f"{word} {times}" for word, times in hubs.hubs[:5])
    print(f"{space.name} · the {space.words:,} most frequent words")
    print(f"  hubness         skewness {hubs.skewness:.3f}, {hubs.orphans:.1%} in no list; {named}")
    print(f"  anisotropy      mean cosine {cone.mean_cosine:.4f}, isotropy {cone.isotropy:.4f}")
    print(f"  frequency bias  {frequency.same_band:.1%} of neighbours in the same tenth ", end="")
    print(f"(by chance {frequency.chance:.1%}), R² {frequency.r_squared:.3f}")


def _percentile(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.diagnostics import percentile

    embedding = catalog.load(options.model)
    answer = percentile(embedding, options.first, options.second)
    if options.json:
        print_json({"model": embedding.name} | answer.as_json())
    else:
        print(f"{answer.first} · {answer.second} · {answer.similarity:.4f}: {answer.sentence} · {embedding.name}")


def _why(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.contributions import contributions

    answer = contributions(catalog.load(options.model), options.first, options.second, options.n)
    if options.json:
        print_json(answer.as_json())
        return
    print(
        f"{answer.first} · {answer.second} · {answer.similarity:.4f}, the sum of {len(answer.shares)} · {answer.model}"
    )
    for dimension in answer.largest:
        ends = f"{', '.join(dimension.lowest)} – {', '.join(dimension.highest)}"
        print(f"{dimension.share:>+8.4f}  dimension {dimension.index:<5} {ends}")
    print(f"{len(answer.shared)} of the {answer.looked_at} nearest of each are shared:")
    for neighbour in answer.shared:
        print(f"  {neighbour.word:<24} {neighbour.to_first:>7.4f} {neighbour.to_second:>7.4f}")
