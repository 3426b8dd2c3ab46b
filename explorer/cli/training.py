"""Commands that make something of a corpus: train, sisters, lexicon."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.output import flag, print_json, progress_bar
from explorer.errors import UserError

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.training import word2vec

_METHODS = ("word2vec", "glove", "fasttext")
_TRAINING = ("algorithm", "window", "vector_size", "epochs", "negative", "sample")  # may differ for each training
# The recipes' own defaults hold for what is not given, and what is given but is not the method's is refused.
_RECIPE: dict[str, dict[str, Any]] = {
    "algorithm": {"nargs": "+", "help": "word2vec, fasttext: skip-gram or cbow (default: skip-gram)"},
    "window": {
        "type": int,
        "nargs": "+",
        "help": "words looked at on either side (default: 5; glove 10, a word k away counting 1/k)",
    },
    "vector_size": {"type": int, "nargs": "+", "help": "word2vec: dimensions of each training (default: 150)"},
    "epochs": {"type": int, "nargs": "+", "help": "word2vec, fasttext (default: 5)"},
    "negative": {
        "type": int,
        "nargs": "+",
        "help": "word2vec, fasttext: noise words drawn for each word (default: 5)",
    },
    "sample": {
        "type": float,
        "nargs": "+",
        "help": "word2vec, fasttext: share above which words are thinned (default: 1e-4)",
    },
    "dimensions": {
        "type": int,
        "help": "of the vectors at the end (default: word2vec those of all trainings, glove 150, fasttext 100)",
    },
    "whitening": {
        "type": float,
        "help": "word2vec: 0 to 1, how much strong components are weakened (default: 0.5)",
    },
    "sweeps": {"type": int, "help": "glove: rounds through all words and contexts (default: 6)"},
    "maximum": {"type": float, "help": "glove: x_max, the count above which a pair weighs no more (default: 10)"},
    "exponent": {"type": float, "help": "glove: α, of the weights of rarer pairs (default: 0.75)"},
    "ridge": {"type": float, "help": "glove: what a squared length costs (default: 3)"},
    "shortest": {"type": int, "help": "fasttext: characters of an n-gram, with < and > around words (default: 3)"},
    "longest": {"type": int, "help": "fasttext (default: 6)"},
    "buckets": {"type": int, "help": "fasttext: vectors that n-grams share (default: 50,000)"},
    "minimum_count": {"type": int, "help": "rarer words get no vector (default: 20)"},
    "seed": {"type": int, "help": "default: 1"},
    "workers": {
        "type": int,
        "help": "word2vec, fasttext: threads of each training; 1 repeats bit for bit (default: 1)",
    },
}


def add_to(commands: Commands) -> None:
    train = commands.add_parser(
        "train",
        help="train Word2Vec, GloVe or fastText vectors on a text file",
        description="Train vectors on a corpus (text, a paragraph a line; plain, .gz, .xz or .bz2), evaluate them and "
        "write them with their word counts and a card. Ctrl-C leaves nothing behind.",
    )
    train.add_argument("corpus", type=Path)
    train.add_argument("--out", type=Path, required=True, help="the folder to make; in models/ it can be asked by name")
    train.add_argument("--method", choices=_METHODS, default="word2vec", help="default: word2vec")
    _add_recipe(train, _RECIPE)
    for field in ("title", "description", "language", "corpus-name", "licence", "attribution"):
        train.add_argument(f"--{field}", default="", help="for the card")
    train.add_argument("--probe", nargs="*", default=[], help="words whose neighbours the card lists")
    train.set_defaults(run=_train)
    train.add_argument("--json", action="store_true", help="for machines")

    sisters = commands.add_parser(
        "sisters",
        help="train a model again from other seeds, and keep which neighbours its words have then",
        description="Train Word2Vec on a model's corpus once for each seed. The neighbours of the most frequent words "
        "go into the model's folder, the recipe into its card; the vectors are not kept.",
    )
    sisters.add_argument("corpus", type=Path)
    sisters.add_argument("--of", type=Path, required=True, help="the folder of the model")
    sisters.add_argument("--seeds", type=int, nargs="+", required=True, help="one for each sister")
    sisters.add_argument("--words", type=int, default=20_000, help="the most frequent words asked (default: 20,000)")
    _add_recipe(sisters, [*_TRAINING, "dimensions", "whitening", "minimum_count", "workers"])
    sisters.set_defaults(run=_sisters)

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


def _add_recipe(command: argparse.ArgumentParser, names: Iterable[str]) -> None:
    group = command.add_argument_group(
        "recipe",
        "Word2Vec may be trained several times, and joined: lists have one value for all trainings, or one each",
    )
    for name in names:
        group.add_argument(flag(name), default=argparse.SUPPRESS, **_RECIPE[name])


def _train(options: argparse.Namespace) -> None:
    from explorer.embeddings.training.making import About
    from explorer.places import MODELS, label

    method = import_module(f"explorer.embeddings.training.{options.method}")
    given = _given(options)
    recipe = _word2vec_recipe(given) if options.method == "word2vec" else _recipe(options.method, method.Options, given)
    about = About(
        title=options.title or options.out.name,
        description=options.description,
        language=options.language,
        corpus=options.corpus_name or options.corpus.name,
        licence=options.licence,
        attribution=options.attribution,
        probes=tuple(options.probe),
    )
    with progress_bar(keep=True) as show:
        card = method.train(options.corpus, options.out, recipe, about, show)
    if options.json:
        print_json(json.loads(json.dumps(card, default=str, allow_nan=False)))
        return
    print(f"{options.out}: {card['words']:,} words × {card['dimensions']} dimensions")
    if options.out.resolve().parent != MODELS.resolve():
        print(f"To ask it by name, move the folder into {label(MODELS)}/; then: --model {options.out.name}")
    for name, score in card["scores"].items():
        print(f"{name:<24} {score}")


def _given(options: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(options).items() if name in _RECIPE}


def _word2vec_recipe(given: dict[str, Any]) -> word2vec.Options:
    from explorer.embeddings.training.word2vec import Options, trainings

    _refuse_others("word2vec", given, {*_TRAINING, *(field.name for field in fields(Options))})
    lists = {name: given.pop(name) for name in _TRAINING if name in given}
    if "vector_size" in lists:
        lists["dimensions"] = lists.pop("vector_size")
    runs = trainings(**lists) if lists else Options.trainings
    return Options(trainings=runs, **{"dimensions": sum(run.dimensions for run in runs)} | given)


def _recipe(method: str, kind: Callable[..., Any], given: dict[str, Any]) -> Any:
    """The Options of a method that trains once: a list may have only one value."""
    _refuse_others(method, given, {field.name for field in fields(kind)})  # type: ignore[arg-type]
    for name, values in given.items():
        if isinstance(values, list):
            if len(values) != 1:
                raise UserError(f"{flag(name)} has {len(values)} values, but {method} trains once: give one.")
            given[name] = values[0]
    return kind(**given)


def _refuse_others(method: str, given: dict[str, Any], known: set[str]) -> None:
    for name in given:
        if name not in known:
            flags = ", ".join(flag(own) for own in _RECIPE if own in known)
            raise UserError(f"{flag(name)} is no option of {method}, which has {flags}.")


def _sisters(options: argparse.Namespace) -> None:
    from explorer.embeddings.training.sisters import make_sisters

    with progress_bar(keep=True) as show:
        path = make_sisters(
            options.corpus, options.of, _word2vec_recipe(_given(options)), options.seeds, options.words, show
        )
    print(f"{path}: made from {len(options.seeds)} more seeds, {path.stat().st_size / 1e6:.1f} MB")


def _lexicon(options: argparse.Namespace) -> None:
    from explorer.embeddings.training.lexicon import count_tags, write_lexicon

    if options.every < 1:
        raise UserError(f"--every is {options.every}, but must be at least 1.")
    with progress_bar(keep=True) as show:
        counts = count_tags(options.corpus, options.every, progress=lambda share: show("tagging", share))
    write_lexicon(options.out, counts, options.source)
    print(f"{options.out}: {len(counts.tags):,} words from {counts.tagged_words:,} tagged ones")
