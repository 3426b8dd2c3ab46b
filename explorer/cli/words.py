"""Commands about words: neighbours, complete, search."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import print_json

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.embedding import Embedding
    from explorer.embeddings.patterns import Matches
    from explorer.embeddings.search.approximate import Approximate


def add_to(commands: Commands) -> None:
    neighbours = commands.add_parser("neighbours", help="the words nearest to a word or a phrase")
    neighbours.add_argument("word")
    neighbours.add_argument("-n", type=int, default=10, help="how many (default: 10)")
    neighbours.add_argument("--metric", default="cosine", help="cosine, dot or euclidean (default: cosine)")
    neighbours.add_argument("--pos", help="only words of this part of speech, such as NOUN")
    neighbours.add_argument("--band", help="only words of this frequency band: high, medium or low")
    neighbours.add_argument("--min-count", type=int, default=0, help="only words that occur at least so often")
    neighbours.add_argument("--max-count", type=int, help="only words that occur at most so often")
    neighbours.add_argument("--among", nargs="+", metavar="WORD", help="only these words; a file of words does as well")
    neighbours.add_argument("--regex", help="only words in which this regular expression (RE2) is found")
    neighbours.add_argument("--approximate", action="store_true", help="ask the model's index, see `index`")
    neighbours.set_defaults(run=_neighbours)

    index = commands.add_parser("index", help="build an index for approximate search (needs faiss-cpu)")
    index.set_defaults(run=_index)

    complete = commands.add_parser("complete", help="the most frequent words that begin like this, in any case")
    complete.add_argument("prefix")
    complete.set_defaults(run=_complete)

    search = commands.add_parser("search", help="the words in which a regular expression (RE2) is found")
    search.add_argument("pattern")
    search.set_defaults(run=_search)

    for command in (complete, search):
        command.add_argument("-n", type=int, default=20, help="at most how many (default: 20)")

    for command in (neighbours, index, complete, search):
        command.add_argument("--model", help="see `models` (default: the first of them)")
    for command in (neighbours, complete, search):
        command.add_argument("--json", action="store_true", help="for machines")


def _neighbours(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.neighbours import neighbours

    embedding = catalog.load(options.model)
    answer = neighbours(
        embedding,
        options.word,
        options.n,
        options.pos,
        options.min_count,
        metric=options.metric,
        maximum_count=options.max_count,
        band=options.band,
        among=_listed(options.among),
        pattern=options.regex,
        index=_opened_index(embedding) if options.approximate else None,
    )
    if options.json:
        print_json(answer.as_json())
        return
    print(f"{answer.word} · {answer.model}")
    for sentence in answer.sentences:
        print(sentence, file=sys.stderr)
    for row in answer.rows:
        counted = "" if row.count is None else f"{row.count:>12,}  {row.tier}"
        print(f"{row.rank:>4}  {row.word:<24} {row.pos:<6} {row.score:>9.4f} {counted}")


def _listed(among: list[str] | None) -> list[str] | None:
    """The words of a list on the command line, in which a file stands for its words."""
    from explorer.embeddings.filters import words_in
    from explorer.errors import UserError

    if among is None:
        return None
    words: list[str] = []
    for word in among:
        try:
            words += words_in(Path(word).read_text(encoding="utf-8")) if Path(word).is_file() else [word]
        except (OSError, ValueError) as error:
            raise UserError(f"The list {word} cannot be read: {error}.") from error
    return words


def _opened_index(embedding: Embedding) -> Approximate:
    from explorer.embeddings import catalog
    from explorer.embeddings.search import approximate
    from explorer.errors import UserError

    index = approximate.opened(embedding, catalog.CACHE)
    if index is None:
        raise UserError(
            f"{embedding.name} has no index: build it with `python -m explorer index --model {embedding.name}`."
        )
    return index


def _index(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from explorer.embeddings import catalog
    from explorer.embeddings.search import approximate

    embedding = catalog.load(options.model)
    with tqdm(total=embedding.size, unit="words", delay=1) as bar:
        index = approximate.build(embedding, catalog.CACHE, lambda share: bar.update(round(share * bar.total) - bar.n))
    print(f"The index of {embedding.name} finds {index.recall:.1%} of the 10 true nearest.")


def _complete(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.patterns import beginning_with

    _print_matches(beginning_with(catalog.load(options.model), options.prefix, options.n), options.json)


def _search(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.patterns import search

    _print_matches(search(catalog.load(options.model), options.pattern, options.n), options.json)


def _print_matches(matches: Matches, as_json: bool) -> None:
    if as_json:
        print_json(matches.as_json())
        return
    for match in matches.words:
        print(f"{match.word:<24} {match.pos:<6}" + ("" if match.count is None else f"{match.count:>12,}"))
    shown = len(matches.words)
    print(
        f"{matches.total:,} words in all{f'; these are the first {shown}' * (shown < matches.total)}.", file=sys.stderr
    )
