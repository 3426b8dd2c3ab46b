"""Commands about models: models, import, download, export."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import print_json, progress_bar

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.catalog import Card


def add_to(commands: Commands) -> None:
    models = commands.add_parser("models", help="the models at hand, and those that can be downloaded")
    models.set_defaults(run=_models)

    importing = commands.add_parser(
        "import",
        help="make a model of a file of vectors",
        description="Read word2vec (text or binary), GloVe, fastText (.vec or .bin), projector TSV or numbers with a "
        "list of words, also with gzip or xz, and make a model of it that can be asked by name. Ctrl-C leaves nothing "
        "behind.",
    )
    importing.add_argument("file", type=Path)
    importing.add_argument("--name", help="of the model (default: that of the file)")
    importing.add_argument("--metadata", type=Path, help="the words of a file of numbers (default: found beside it)")
    importing.add_argument("--replace", action="store_true", help="put it in the place of an imported model")
    importing.set_defaults(run=_import)

    download = commands.add_parser(
        "download",
        help="fetch a model of the gensim-data catalogue",
        description="Fetch a model that `models` lists as downloadable, compare its checksum and import it. After "
        "Ctrl-C or a cut, the next download goes on from there.",
    )
    download.add_argument("name")
    download.set_defaults(run=_download)

    export = commands.add_parser("export", help="write a model's vectors for other programs")
    export.add_argument("model")
    export.add_argument("file", type=Path, help="to write; gzipped if it ends in .gz")
    export.add_argument(
        "--format",
        choices=("word2vec-text", "word2vec-binary", "projector"),
        default="word2vec-text",
        help="default: word2vec-text",
    )
    export.set_defaults(run=_export)

    for command in (models, importing, download, export):
        command.add_argument("--json", action="store_true", help="for machines")


def _models(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.downloads import downloadable

    cards, problems = catalog.cards()
    for problem in problems:
        print(f"explorer: {problem}", file=sys.stderr)
    if options.json:
        print_json(
            {"models": [card.as_json() for card in cards], "downloadable": [m.as_json() for m in downloadable()]}
        )
        return
    for card in cards:
        print(f"{card.name:<32} {card.words:>10,} words × {card.dimensions:>3} dimensions  {card.title}")
    print("\nTo be had by `download`:")
    for model in downloadable():
        size = f"{model.size / 1e6:,.0f} MB"
        print(
            f"{model.name:<32} {model.words:>10,} words × {model.dimensions:>3} dimensions  {size:>8}  {model.licence}"
        )


def _import(options: argparse.Namespace) -> None:
    from explorer.embeddings.importing import import_model, name_for

    with progress_bar() as show:
        card = import_model(
            options.file,
            options.name or name_for(options.file.name),
            metadata=options.metadata,
            replace=options.replace,
            progress=lambda share: show("importing", share),
        )
    _say(card, options.json)


def _download(options: argparse.Namespace) -> None:
    from explorer.embeddings.downloads import download

    with progress_bar() as show:
        card = download(options.name, show)
    _say(card, options.json)


def _export(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.formats.writing import export

    embedding = catalog.load(options.model)
    with progress_bar() as show:
        files = export(embedding, options.file, options.format, lambda share: show("writing", share))
    if options.json:
        print_json({"model": embedding.name, "format": options.format, "files": [str(file) for file in files]})
        return
    for file in files:
        print(f"{file}: {file.stat().st_size:,} bytes")


def _say(card: Card, as_json: bool) -> None:
    if as_json:
        print_json(card.as_json())
        return
    print(f"{card.name}: {card.words:,} words × {card.dimensions} dimensions, {card.source['format']}")
    if note := card.source.get("note"):
        print(note)
    print(f"To ask it: neighbours WORD --model {card.name}")
