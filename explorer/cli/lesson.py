"""The command that writes a lesson, or one of its matrices, into a file."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import flag
from explorer.errors import UserError
from explorer.files import check_place, write_file

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.lessons.example import Example

_TEXTS, _FIGURES = ("md", "tex", "ipynb", "html", "json"), ("svg", "pdf")
_FRESH = ("d_model", "norm", "projection")  # options that only a model with fresh weights on vectors has


def add_to(commands: Commands) -> None:
    lesson = commands.add_parser(
        "lesson",
        help="the whole pass told step by step, with every number, as a document",
        description="Tell a pass through the transformer, forward, back and one step of the optimiser, as Markdown, "
        "LaTeX, a notebook, a page of HTML or JSON; or draw one of its matrices as SVG or PDF.",
    )
    lesson.add_argument("--source", default="You are welcome")
    lesson.add_argument("--target", default="de nada")
    which = lesson.add_mutually_exclusive_group()
    which.add_argument("--checkpoint", type=Path, help="a trained model (default: the shipped one)")
    which.add_argument("--article", action="store_true", help="the article's four-dimensional example")
    which.add_argument("--vectors", metavar="MODEL", help="these vectors in a model with fresh weights; see `models`")
    lesson.add_argument("--d-model", type=int, help="with --vectors: bring them to this size (default: 4)")
    lesson.add_argument("--norm", choices=("post", "pre"), help="with --vectors (default: post)")
    lesson.add_argument("--projection", choices=("pca", "random"), help="with --vectors (default: pca)")
    lesson.add_argument("--heads", type=int, help="with --vectors or --article (default: 2)")
    lesson.add_argument("--layers", type=int, help="with --vectors or --article (default: 1)")
    lesson.add_argument("--seed", type=int, help="of the weights, with --vectors or --article (default: 0)")
    lesson.add_argument("--optimiser", choices=("adam", "sgd"), help="that takes the last step (default: adam)")
    lesson.add_argument("--rate", type=float, help="its learning rate (default: the example's own)")
    lesson.add_argument("--format", choices=(*_TEXTS, *_FIGURES), help="default: as -o ends, else md")
    part = lesson.add_mutually_exclusive_group()
    part.add_argument("--chapter", type=int, help="this one alone, counted from 1")
    part.add_argument("--step", metavar="KEY", help="this one alone, such as encoder.0.self_attention.scores")
    lesson.add_argument("--tensor", metavar="NAME", help="the matrix to draw, for svg and pdf")
    lesson.add_argument("--side", choices=("value", "gradient", "updated"), help="for svg and pdf (default: value)")
    lesson.add_argument("--decimals", type=int, help="from 2 to 6; JSON has every digit (default: 4)")
    lesson.add_argument("-o", "--out", type=Path, metavar="FILE", help="default: standard output")
    lesson.set_defaults(run=_lesson)


def _lesson(options: argparse.Namespace) -> None:
    form = options.format or (options.out.suffix[1:] if options.out else "md")
    _check(options, form)
    content = _content(options, form)
    if options.out:
        write_file(options.out, content)
    elif sys.stdout.isatty():
        sys.stdout.write(content.decode())
    else:
        sys.stdout.buffer.write(content)  # a document is UTF-8 wherever it goes


def _check(options: argparse.Namespace, form: str) -> None:
    """What can be said before anything is computed."""
    if form not in _TEXTS + _FIGURES:
        raise UserError(f"{options.out} has no ending that names a format. Say which with --format.")
    if form in _FIGURES:
        if not options.tensor:
            raise UserError(
                "A figure shows one matrix: name it with --tensor, such as encoder.0.self_attention.weights."
            )
        if options.chapter is not None or options.step is not None:
            raise UserError("A figure shows one matrix, so --chapter and --step do not go with it.")
    elif options.tensor or options.side:
        raise UserError(f"--tensor and --side are for {' and '.join(_FIGURES)}; {form} takes --chapter or --step.")
    if form == "pdf" and not options.out:
        raise UserError("A PDF is nothing to read on a terminal: name a file with -o.")
    for name in (*_FRESH, "heads", "layers", "seed"):
        where = bool(options.vectors) or (options.article and name not in _FRESH)
        if getattr(options, name) is not None and not where:
            needs = "--vectors" if name in _FRESH else "--vectors or --article"
            raise UserError(f"{flag(name)} needs {needs}: this model has its own.")
    if form == "json" and options.decimals is not None:
        raise UserError("JSON has every digit of a number, so --decimals has no effect on it. Leave it out.")
    if options.out:
        check_place(options.out)


def _content(options: argparse.Namespace, form: str) -> bytes:
    from explorer.lessons.lesson import lesson
    from explorer.lessons.steps import Shown

    example = _example(options)
    if unknown := example.translator.unknown(example.source):
        print(f"explorer: the model does not know {', '.join(unknown)}, and reads <unk> there.", file=sys.stderr)
    told = lesson(example)
    decimals = 4 if options.decimals is None else options.decimals
    if form in _FIGURES:
        from explorer.lessons.renderings.figures import figure

        return figure(told, Shown(options.tensor, options.side or "value"), form, decimals)
    from explorer.lessons.renderings import render
    from explorer.lessons.renderings.parts import part

    chapters = part(told, options.chapter, options.step)
    return render(told, form, chapters, decimals).encode(errors="replace")


def _example(options: argparse.Namespace) -> Example:
    from explorer.data.pairs import PHRASEBOOK_ORIGIN
    from explorer.initialisation.fitting import SHIPPED, words_of
    from explorer.lessons.example import article_example, own_example, trained_example
    from explorer.transformer import checkpoint

    sizes = {name: getattr(options, name) for name in ("heads", "layers") if getattr(options, name) is not None}
    if options.article:
        source, target = tuple(options.source.split()), tuple(options.target.split())
        example = replace(article_example(options.seed or 0, **sizes), source=source, target=target)
    elif options.vectors:
        from explorer.embeddings import catalog
        from explorer.transformer.model import Configuration

        d_model = 4 if options.d_model is None else options.d_model
        embedding = catalog.load(options.vectors)
        if options.projection and embedding.dimensions == d_model:
            raise UserError(
                f"The vectors have {d_model} dimensions already, so --projection has no effect. Leave it out."
            )
        example = own_example(
            embedding,
            words_of(options.source),
            words_of(options.target),
            Configuration(d_model, norm=options.norm or "post", **{"layers": 1, **sizes}),
            options.projection or "pca",
            options.seed or 0,
        )
    else:
        translator = checkpoint.load(options.checkpoint or SHIPPED)
        pairs = "" if options.checkpoint else PHRASEBOOK_ORIGIN
        example = trained_example(translator, words_of(options.source), words_of(options.target), pairs)
    steps = {name: getattr(options, name) for name in ("optimiser", "rate") if getattr(options, name) is not None}
    return replace(example, **steps)
