"""A list of neighbours: its rows, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import compress
from typing import Any

from explorer import answers
from explorer.embeddings import as_high
from explorer.embeddings.bounds import Metric
from explorer.embeddings.filters import not_in_vocabulary
from explorer.embeddings.queries import Found
from explorer.embeddings.search.nearest import trust
from explorer.embeddings.tags import written
from explorer.texts import _, _n

_HIGH, _LOW = 0.99, 0.9  # shares of random pairs: a cosine above the first is high, one below the second is low


@dataclass(frozen=True)
class Neighbour:
    """One row of an answer.

    `similarity` is the cosine and `score` what the metric says; `pos` is the main universal tag, `tags` are all as
    which the word passes a filter, with their shares (0 to 1); `count` are the occurrences and `tier` their frequency
    tier, both None where the model has no counts. `percentile` is the share (0 to 1) of random pairs as frequent
    whose cosine is lower, `survived` in how many models of other seeds it is a neighbour too; both are None where
    that is not known, see evidence.py. `columns` are the further ones.
    """

    rank: int
    word: str
    pos: str
    similarity: float
    count: int | None
    tier: str | None
    score: float
    percentile: float | None = None
    survived: int | None = None
    columns: dict[str, str] = field(default_factory=dict, hash=False)
    tags: Mapping[str, float] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """Without further columns where there are none."""
        own = vars(self) | {"columns": dict(self.columns), "tags": dict(self.tags)}
        return {name: value for name, value in own.items() if name != "columns" or value}

    @property
    def parts_of_speech(self) -> str:
        """The tags as people read them, with shares where there are several: NOUN 57% · VERB 37%."""
        return written(self.tags) or self.pos


@dataclass(frozen=True)
class Answer(answers.Answer):
    """What was asked for (`asked`, and the `word` that was found for it), and the neighbours, nearest first.

    `found` says how (see `queries.Query`) and `note` says it in a sentence; `warning` is a sentence where the
    neighbours are little else than other spellings, or where nothing is near to a vector of zeros; `unknown` are the
    words of the list that the model lacks.
    """

    model: str
    asked: str
    word: str
    rows: tuple[Neighbour, ...]
    metric: Metric = "cosine"
    found: Found = "word"
    note: str = ""
    warning: str = ""
    suggestions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    recall: float | None = None  # of the approximate index or the engine, where one was asked
    probes: int | None = None  # words on which the recall of the engine was measured
    random_pairs: int | None = None  # by which percentiles are counted …
    population: as_high.Population = "frequent pairs"  # … and what they are pairs of
    other_seeds: int | None = None  # models of other seeds that were asked about the same word …
    depth: int | None = None  # … and how many nearest words of each count as neighbours
    seeds_know: int | None = None  # where they were not asked about it: how many words they were asked about
    size: int = 0  # words of the model
    candidates: int | None = None  # those of them that pass the filters, where there are some …
    filters: tuple[str, ...] = ()  # … each in a few words
    count: int | None = None  # how often the word occurs, where it is one and the model knows
    tier: str | None = None  # and how frequent that is

    @property
    def among(self) -> str:
        """Of which words these are the nearest."""
        if self.candidates is None:
            return _n(
                "among the {count:,} word of {model}",
                "among the {count:,} words of {model}",
                self.size,
                model=self.model,
            )
        return _n(
            "among the {count:,} word of {model} that passes the filters",
            "among the {count:,} words of {model} that pass the filters",
            self.candidates,
            model=self.model,
        )

    @property
    def headline(self) -> str:
        asked = f"{self.word} · {self.model}"
        if not self.filters:
            return asked
        passing = _n(
            "{count:,} word passes: {filters}",
            "{count:,} words pass: {filters}",
            self.candidates or 0,
            filters="; ".join(self.filters),
        )
        return f"{asked} · {passing}"

    @property
    def reading(self) -> str:
        return self.verdict(self.rows[0]) if self.rows else ""

    @property
    def is_guess(self) -> bool:
        """Whether the model lacks the word, and its subwords say what stands here."""
        return self.found == "subwords"

    @property
    def sentences(self) -> list[str]:
        """What a reader should know beside the neighbours."""
        unknown = ""
        if self.unknown:
            unknown = not_in_vocabulary(self.unknown)
        nothing = ""
        if not self.rows and not self.warning:
            nothing = (
                _("The model has no other word, so nothing is near.")
                if self.candidates is None and self.size < 2
                else _("No word passes the filters. Change or remove a filter.")
            )
        rare = ""
        if self.tier == "low" and self.count is not None and self.rows:
            rare = _n(
                "“{word}” occurs only {count:,} time in the text that this model was trained on. Its neighbours may be "
                "accidental.",
                "“{word}” occurs only {count:,} times in the text that this model was trained on. Some of its "
                "neighbours may be accidental.",
                self.count,
                word=self.word,
            )
        own = ""
        if self.found in ("formula", "mean") and self.rows:
            own = _("The words of “{asked}” themselves are left out.", asked=self.word)
        reliance = ""
        if self.recall is not None and self.probes:
            reliance = trust(self.recall, self.probes)
        elif self.recall is not None:
            reliance = _(
                "The search was approximate: this index finds {recall:.1%} of the 10 true nearest words.",
                recall=self.recall,
            )
        return [sentence for sentence in (self.note, own, self.warning, rare, unknown, reliance, nothing) if sentence]

    def compared(self, row: Neighbour) -> str:
        """How high the cosine of a row is among random pairs, in a clause; empty where that is not known."""
        count = self.pairs_as_high(row)
        return "" if count is None else as_high.clause(count, self.random_pairs or 0, self.population)

    def verdict(self, row: Neighbour) -> str:
        """Whether the cosine of a row is high, in a sentence that says by what; empty where that is not known.

        High is what at most 1 in 100 random pairs reaches, low what more than 1 in 10 does. In a tiny model nothing is
        called so: of a few words, some pair is always the nearest.
        """
        compared = self.compared(row)
        if not compared or row.percentile is None:
            return ""
        cosine = answers.written(row.similarity)
        if self.population in as_high.TOO_FEW:
            return _(
                "The cosine is {cosine}: {compared}. A model of {size} words is too small to call a cosine high or "
                "low.",
                cosine=cosine,
                compared=compared,
                size=self.size,
            )
        if row.percentile >= _HIGH:
            return _("A cosine of {cosine} is high: {compared}.", cosine=cosine, compared=compared)
        if row.percentile >= _LOW:
            return _("A cosine of {cosine} is moderate: {compared}.", cosine=cosine, compared=compared)
        return _("A cosine of {cosine} is low: {compared}.", cosine=cosine, compared=compared)

    @property
    def retrained(self) -> str:
        """What the models of other seeds say of these neighbours; empty where there are no such models."""
        if self.seeds_know:
            return _(
                "No ✓ here: only the {words:,} most frequent words were compared with retrained models.",
                words=self.seeds_know,
            )
        if not self.other_seeds or not self.rows:
            return ""
        if not any(map(self.is_stable, self.rows)):
            return _n(
                "None of these is also a neighbour in the retrained model.",
                "None of these is also a neighbour in all {count} retrained models.",
                self.other_seeds,
            )
        if self.other_seeds == 2:
            return _("✓ also a neighbour in both retrained models")
        return _("✓ also a neighbour in all {seeds} retrained models", seeds=self.other_seeds)

    def pairs_as_high(self, row: Neighbour) -> int | None:
        """How many of the `random_pairs` have a cosine as high as a row's; None where that is not known."""
        if row.percentile is None or not self.random_pairs:
            return None
        return as_high.count(row.percentile, self.random_pairs)

    @property
    def out_of_order(self) -> str:
        """Why fewer pairs are as high as a lower cosine, in a sentence; empty where they are not."""
        falling = sorted(self.rows, key=lambda row: -row.similarity)
        shares = [row.percentile for row in falling if row.percentile is not None]
        if shares == sorted(shares, reverse=True):
            return ""
        return _(
            "Each word is compared with words of about its own frequency or rank, so “as high” need not follow the "
            "cosine."
        )

    def is_stable(self, row: Neighbour) -> bool:
        """Whether the row is a neighbour in each of the models of other seeds too."""
        return bool(self.other_seeds) and row.survived == self.other_seeds

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "word": self.word,
            "metric": self.metric,
            "found": self.found,
            "note": self.note,
            "warning": self.warning,
            "suggestions": list(self.suggestions),
            "unknown": list(self.unknown),
            "recall": self.recall,
            **({"probes": self.probes} if self.probes else {}),
            "random_pairs": self.random_pairs,
            "other_seeds": self.other_seeds,
            "depth": self.depth,
            "size": self.size,
            "candidates": self.candidates,
            "count": self.count,
            "tier": self.tier,
            "neighbours": [row.as_json() for row in self.rows],
        }

    def table(self) -> answers.Table:
        """One row a neighbour, with all its tags where it has several."""
        names = [each.name for each in fields(Neighbour) if each.name not in ("tags", "columns")]
        further = tuple(self.rows[0].columns) if self.rows else ()
        rows = (vars(row) | {"pos": row.parts_of_speech} for row in self.rows)
        return answers.Table(
            (*names, *further), tuple((*(row[name] for name in names), *row["columns"].values()) for row in rows)
        )

    def as_html(self) -> str:
        """Without the columns that say nothing here: the score is the cosine, or nothing is known."""
        from explorer.writing import notebook

        table = self.table()
        has_content = [
            any(row[place] is not None for row in table.rows) and not (name == "score" and self.metric == "cosine")
            for place, name in enumerate(table.header)
        ]
        header, *rows = (tuple(compress(row, has_content)) for row in (table.header, *table.rows))
        return notebook.table(answers.Table(header, tuple(rows)), self.cell_text)

    def text_of(self, column: str, value: Any) -> str:
        if column == "percentile" and value is not None and self.random_pairs:
            return as_high.short(value, self.random_pairs)
        if column == "survived" and value is not None:
            return f"{value} of {self.other_seeds}"
        return super().text_of(column, value)
