"""Commands that make something of a corpus: train, lexicon."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import print_json

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    train = commands.add_parser(
        "train",
        help="train Word2Vec vectors on a text file",
        description="Train Word2Vec on a corpus (text, a paragraph a line; plain, .gz, .xz or .bz2), evaluate the "
        "vectors and write them with their word counts and a card. Ctrl-C leaves nothing behind.",
    )
    train.add_argument("corpus", type=Path)
    train.add_argument("--out", type=Path, required=True, help="the folder to make; in models/ it can be asked by name")
    several = train.add_argument_group("trainings", "one value for all trainings, or one for each; they are joined")
    several.add_argument(
        "--algorithm", nargs="+", choices=("skip-gram", "cbow"), default=["skip-gram"], help="default: skip-gram"
    )
    several.add_argument(
        "--window", type=int, nargs="+", default=[5], help="words looked at on either side (default: 5)"
    )
    several.add_argument(
        "--vector-size", type=int, nargs="+", default=[150], help="dimensions of each training (default: 150)"
    )
    several.add_argument("--epochs", type=int, nargs="+", default=[5], help="default: 5")
    several.add_argument(
        "--negative", type=int, nargs="+", default=[5], help="noise words drawn for each word (default: 5)"
    )
    several.add_argument(
        "--sample", type=float, nargs="+", default=[1e-4], help="share above which words are thinned (default: 1e-4)"
    )
    train.add_argument("--dimensions", type=int, help="of the vectors at the end (default: those of all trainings)")
    train.add_argument(
        "--whitening", type=float, default=0.5, help="0 to 1: how much strong components are weakened (default: 0.5)"
    )
    train.add_argument("--minimum-count", type=int, default=20, help="rarer words get no vector (default: 20)")
    train.add_argument("--seed", type=int, default=1, help="default: 1")
    train.add_argument(
        "--workers", type=int, default=1, help="threads of each training; 1 repeats bit for bit (default: 1)"
    )
    for field in ("title", "description", "language", "corpus-name", "licence", "attribution"):
        train.add_argument(f"--{field}", default="", help="for the card")
    train.add_argument("--probe", nargs="*", default=[], help="words whose neighbours the card lists")
    train.set_defaults(run=_train)
    train.add_argument("--json", action="store_true", help="for machines")

    lexicon = commands.add_parser(
        "lexicon",
        help="count the parts of speech of a corpus's words",
        description="Tag an English corpus with NLTK's perceptron tagger and count each word's parts of speech.",
    )
    lexicon.add_argument("corpus", type=Path)
    lexicon.add_argument("--out", type=Path, required=True, help="the .tsv.gz file to write")
    lexicon.add_argument("--every", type=int, default=3, help="tag one paragraph in so many (default: 3)")
    lexicon.add_argument("--source", nargs="*", default=[], help="lines for the head of the file: text, licence, date")
    lexicon.set_defaults(run=_lexicon)


_BAR = "{desc:<12}{percentage:3.0f}%|{bar}| {elapsed} < {remaining}"


def _train(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from explorer.embeddings.catalog import MODELS
    from explorer.embeddings.training.word2vec import About, Options, train, trainings

    runs = trainings(
        algorithm=options.algorithm,
        window=options.window,
        dimensions=options.vector_size,
        epochs=options.epochs,
        negative=options.negative,
        sample=options.sample,
    )
    training = Options(
        trainings=runs,
        dimensions=options.dimensions if options.dimensions is not None else sum(run.dimensions for run in runs),
        whitening=options.whitening,
        minimum_count=options.minimum_count,
        seed=options.seed,
        workers=options.workers,
    )
    about = About(
        title=options.title or options.out.name,
        description=options.description,
        language=options.language,
        corpus=options.corpus_name or options.corpus.name,
        licence=options.licence,
        attribution=options.attribution,
        probes=tuple(options.probe),
    )
    with tqdm(total=100, delay=0.3, bar_format=_BAR) as bar:

        def show(stage: str, share: float) -> None:
            if bar.desc != stage:
                bar.set_description_str(stage, refresh=False)
                bar.reset()
            bar.update(100 * share - bar.n)

        card = train(options.corpus, options.out, training, about, show)
    if options.json:
        print_json(json.loads(json.dumps(card, default=str)))
        return
    print(f"{options.out}: {card['words']:,} words × {card['dimensions']} dimensions")
    if options.out.resolve().parent != MODELS:
        print(f"To ask it by name, move the folder into {MODELS.name}/; then: --model {options.out.name}")
    for name, score in card["scores"].items():
        print(f"{name:<24} {score}")


def _lexicon(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from explorer.embeddings.training.lexicon import count_tags, write_lexicon
    from explorer.errors import UserError

    if options.every < 1:
        raise UserError(f"--every is {options.every}, but must be at least 1.")
    with tqdm(total=100, delay=0.3, bar_format=_BAR) as bar:

        def show(share: float) -> None:
            bar.update(100 * share - bar.n)

        counts = count_tags(options.corpus, options.every, progress=show)
    write_lexicon(options.out, counts, options.source)
    print(f"{options.out}: {len(counts.tags):,} words from {counts.tagged_words:,} tagged ones")
