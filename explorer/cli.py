"""The command line: `python -m explorer …`. It asks the functions that the pages ask, so it gives the same numbers."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explorer.errors import UserError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 2 for what the user can mend, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UserError as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("explorer: that needs more memory than this machine has. Ask for smaller sizes.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("explorer: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader, such as head, has had enough; nothing more may be written, not even on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m explorer", description="Words, vectors, and what a transformer makes of them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

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

    encode = commands.add_parser("encode", help="words through a transformer encoder, every intermediate by name")
    encode.add_argument("words", nargs="*")
    encode.add_argument("--article", action="store_true", help="the article's four-dimensional “You are welcome”")
    encode.add_argument("--layers", type=int, default=2)
    encode.add_argument("--heads", type=int, default=2)
    encode.add_argument("--d-ff", type=int, help="width of the feed-forward layer (default: 4 × d_model)")
    encode.add_argument("--d-model", type=int, help="project the vectors to this size (default: theirs)")
    encode.add_argument("--seed", type=int, default=0, help="of the weights (default: 0)")
    encode.add_argument("--parameters", action="store_true", help="with --json: the weights too")
    encode.set_defaults(run=_encode)

    models = commands.add_parser("models", help="the models at hand")
    models.set_defaults(run=_models)

    train = commands.add_parser(
        "train",
        help="train Word2Vec vectors on a text file",
        description="Train Word2Vec on a corpus (text, a paragraph a line; plain, .gz, .xz or .bz2), evaluate the "
        "vectors and write them with their word counts and a card. Ctrl-C leaves nothing behind.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    train.add_argument("corpus", type=Path)
    train.add_argument("--out", type=Path, required=True, help="the folder to make, such as models/mine")
    train.add_argument("--algorithm", choices=("skip-gram", "cbow"), default="skip-gram")
    train.add_argument("--windows", type=int, nargs="+", default=[2, 10], help="words on either side; a training each")
    train.add_argument("--dimensions", type=int, default=300, help="of a vector; the windows have equal shares")
    train.add_argument("--epochs", type=int, default=5)
    train.add_argument("--negative", type=int, default=5, help="noise words drawn for each word")
    train.add_argument("--sample", type=float, default=1e-4, help="words more frequent than this share are thinned out")
    train.add_argument("--minimum-count", type=int, default=20, help="rarer words get no vector")
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--workers", type=int, default=1, help="threads of each training; 1 repeats bit for bit")
    for field in ("title", "description", "language", "corpus-name", "licence", "attribution"):
        train.add_argument(f"--{field}", default="", help="for the card")
    train.set_defaults(run=_train)

    serve = commands.add_parser("serve", help="start the app and print its address")
    serve.add_argument("--port", type=int, default=8501)
    serve.set_defaults(run=_serve)

    for command in (neighbours, similarity, encode):
        command.add_argument("--model", help="see `models` (default: the first of them)")
    for command in (neighbours, similarity, encode, models, train):
        command.add_argument("--json", action="store_true", help="for machines")
    return parser


def _neighbours(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.neighbours import neighbours

    answer = neighbours(catalog.load(options.model), options.word, options.n, options.pos, options.min_count)
    if options.json:
        _print_json(answer.as_json())
        return
    print(f"{answer.word} · {answer.model}")
    for row in answer.rows:
        print(f"{row.rank:>4}  {row.word:<24} {row.pos:<6} {row.similarity:>7.4f} {row.count:>12,}")


def _similarity(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.similarity import similarity

    pair = similarity(catalog.load(options.model), options.first, options.second)
    if options.json:
        _print_json(pair.as_json())
    else:
        print(f"{pair.first} · {pair.second} · {pair.similarity:.4f} · {pair.model}")


def _encode(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.vocabulary import look_up
    from explorer.transformer import article
    from explorer.transformer.encoding import encode

    if options.article:
        tokens, vectors = article.TOKENS, article.VECTORS
    else:
        tokens, vectors = look_up(catalog.load(options.model), options.words)
    trace = encode(
        tokens,
        vectors,
        layers=options.layers,
        heads=options.heads,
        d_ff=options.d_ff,
        d_model=options.d_model,
        seed=options.seed,
    )
    if options.json:
        _print_json(trace.as_json(parameters=options.parameters))
        return
    print(" ".join(trace.tokens))
    for tensor in trace:
        print(f"{tensor.name:<42} {' × '.join(map(str, tensor.shape)):<14} {tensor.formula}")


def _models(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog

    cards = [catalog.card(name) for name in catalog.names()]
    if options.json:
        _print_json([card.as_json() for card in cards])
        return
    for card in cards:
        print(f"{card.name:<24} {card.words:>10,} words × {card.dimensions} dimensions  {card.title}")


def _train(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from explorer.embeddings.training.word2vec import About, Options, train

    training = Options(
        algorithm=options.algorithm,
        windows=tuple(options.windows),
        dimensions=options.dimensions,
        epochs=options.epochs,
        negative=options.negative,
        sample=options.sample,
        minimum_count=options.minimum_count,
        seed=options.seed,
        workers=options.workers,
    )
    about = About(
        title=options.title,
        description=options.description,
        language=options.language,
        corpus=options.corpus_name or options.corpus.name,
        licence=options.licence,
        attribution=options.attribution,
    )
    with tqdm(total=100, unit="%", bar_format="{desc:<12}{percentage:3.0f}%|{bar}| {elapsed} < {remaining}") as bar:

        def show(stage: str, share: float) -> None:
            if bar.desc != stage:
                bar.set_description_str(stage, refresh=False)
                bar.reset()
            bar.update(100 * share - bar.n)

        card = train(options.corpus, options.out, training, about, show)
    if options.json:
        _print_json(json.loads(json.dumps(card, default=str)))
        return
    print(f"{options.out}: {card['words']:,} words × {card['dimensions']} dimensions")
    for name, score in card["scores"].items():
        print(f"{name:<24} {score}")


def _serve(options: argparse.Namespace) -> None:
    from explorer.embeddings.catalog import ROOT

    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    subprocess.run([*command, "--server.port", str(options.port)], check=False)


def _print_json(answer: Any) -> None:
    print(json.dumps(answer, ensure_ascii=False, allow_nan=False))
