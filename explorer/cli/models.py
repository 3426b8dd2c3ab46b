"""Commands that make or write models: import, download, export, index."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import print_json, progress_bar

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.catalog import Card


def add_to(commands: Commands) -> None:

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

    index = commands.add_parser("index", help="build an index for approximate search (needs faiss-cpu)")
    index.add_argument("--model", help="see `models` (default: the first of them)")
    index.set_defaults(run=_index)

    for command in (importing, download, export, index):
        command.add_argument("--json", action="store_true", help="print JSON")


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


def _index(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.search import approximate

    embedding = catalog.load(options.model)
    with progress_bar() as show:
        index = approximate.build(embedding, catalog.CACHE, lambda share: show("indexing", share))
    if options.json:
        print_json({"model": embedding.name, "recall": index.recall})
        return
    print(f"The index of {embedding.name} finds {index.recall:.1%} of the 10 true nearest.")


def _say(card: Card, as_json: bool) -> None:
    if as_json:
        print_json(card.as_json())
        return
    print(f"{card.name}: {card.words:,} words × {card.dimensions} dimensions, {card.source['format']}")
    if note := card.source.get("note"):
        print(note)
    print(f"To ask it: neighbours WORD --model {card.name}")
