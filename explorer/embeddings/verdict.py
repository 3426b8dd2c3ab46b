"""What a model is good for, and of what to beware: its measures, each held against a rule that is stated.

The limits are the judgement of this project, by what models in use reach: the three shipped ones, and the published
vectors of word2vec, GloVe and fastText. They say what to expect, not whether a model is fit for a purpose of one's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from explorer.answers import Answer, Table
from explorer.embeddings import catalog
from explorer.embeddings.bounds import EVALUATED, MEASURED
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.evaluation import evaluate_model
from explorer.embeddings.health import Health, examine
from explorer.texts import _

Progress = Callable[[float], None]

GOOD, FAIR, BEWARE, UNKNOWN = "good", "fair", "beware", "not known"
_judged: WeakKeyDictionary[Embedding, Verdict] = WeakKeyDictionary()
_BENCHMARKS = ("analogies", "wordsim353", "simlex999")


@dataclass(frozen=True)
class Rule:
    """A measure: good from one limit on, and to beware of beyond the other; `lower` is for what should be low."""

    measure: str
    good: float | None
    beware: float | None
    lower: bool = False

    def verdict(self, value: float | None) -> str:
        """What the rule says of a value; nothing where it has one limit, which the value does not pass."""
        if value is None:
            return UNKNOWN
        sign = -1 if self.lower else 1
        if self.good is not None and sign * value >= sign * self.good:
            return GOOD
        if self.beware is not None and sign * value < sign * self.beware:
            return BEWARE
        return FAIR if self.good is not None and self.beware is not None else ""

    @property
    def sentence(self) -> str:
        """The rule in words."""
        good, beware = (None if limit is None else f"{limit:,g}" for limit in (self.good, self.beware))
        if self.lower:
            high = _("beware above {limit}", limit=beware) if beware else ""
            low = _("good up to {limit}", limit=good) if good else ""
        else:
            high = _("good from {limit}", limit=good) if good else ""
            low = _("beware below {limit}", limit=beware) if beware else ""
        return ", ".join(filter(None, (low, high) if self.lower else (high, low)))


RULES = (
    Rule("analogies", 0.5, 0.3),
    Rule("wordsim353", 0.6, 0.4),
    Rule("simlex999", 0.4, 0.3),
    Rule("subwords", 1, None),
    Rule("words", 400_000, 100_000),
    Rule("capitals", None, 0.001),
    Rule("counts", None, 1),
    Rule("hubness", 1.5, 3, lower=True),
    Rule("mean_cosine", 0.05, 0.2, lower=True),
    Rule("same_frequency", 0.16, 0.25, lower=True),
)
"""The rules, in the order in which a verdict lists them."""

NAMES = {
    "analogies": _("Google’s English analogies answered correctly, share"),
    "wordsim353": _("WordSim-353 (English), Spearman’s ρ"),
    "simlex999": _("SimLex-999 (English), Spearman’s ρ"),
    "subwords": _("vectors for unknown words (1 is yes)"),
    "words": _("words"),
    "capitals": _("words with capital letters, share"),
    "counts": _("counts of words (1 is yes)"),
    "hubness": _("hubness: skewness of how often words are neighbours"),
    "mean_cosine": _("mean cosine of random words"),
    "same_frequency": _("neighbours in the same decile by frequency, share"),
}
"""The measures in words."""


@dataclass(frozen=True)
class Finding:
    """A measure of a model, and what its rule says of it."""

    rule: Rule
    value: float | None

    @property
    def verdict(self) -> str:
        return self.rule.verdict(self.value)

    @property
    def sentence(self) -> str:
        """What a reader should know; empty where there is nothing to say."""
        good, beware = _sentences(self.value)[self.rule.measure] if self.value is not None else ("", "")
        return good if self.verdict == GOOD else beware if self.verdict == BEWARE else ""


@dataclass(frozen=True)
class Verdict(Answer):
    """The findings about a model, in the order of the rules."""

    model: str
    findings: tuple[Finding, ...]

    def of(self, verdict: str) -> tuple[str, ...]:
        """The sentences of the findings with this verdict."""
        return tuple(each.sentence for each in self.findings if each.verdict == verdict and each.sentence)

    @property
    def headline(self) -> str:
        return self.model

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it is good for, and of what to beware."""
        good, beware = self.of(GOOD), self.of(BEWARE)
        return (
            _("Good for {things}.", things="; ".join(good)) if good else _("No measure is good by the rules."),
            _("Beware of {things}.", things="; ".join(beware)) if beware else _("No rule calls for caution."),
        )

    def as_json(self) -> dict[str, Any]:
        findings = [
            {
                "measure": each.rule.measure,
                "value": each.value,
                "rule": each.rule.sentence,
                "verdict": each.verdict,
                "sentence": each.sentence,
            }
            for each in self.findings
        ]
        return {"model": self.model, "sentences": list(self.sentences), "findings": findings}

    @property
    def written_rows(self) -> list[tuple[str, str, str, str]]:
        """The rows of the table as people read them."""
        return [
            (
                NAMES[each.rule.measure],
                _number(each.value),
                each.rule.sentence,
                each.verdict,
            )
            for each in self.findings
        ]

    def table(self) -> Table:
        """One row a measure."""
        rows = ((each.rule.measure, each.value, each.rule.sentence, each.verdict) for each in self.findings)
        return Table(("measure", "value", "rule", "verdict"), tuple(rows))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value == int(value) else f"{value:.3f}"


def verdict(embedding: Embedding, words: int = MEASURED, progress: Progress = lambda share: None) -> Verdict:
    """Hold a model against the rules. Hubs and the like are measured over its `words` most frequent words; the scores
    are those of its card, and are computed where it has none. Raises UserError for what cannot be measured."""
    if words == MEASURED and embedding in _judged:
        return _judged[embedding]
    health = _health(embedding, words, lambda share: progress(share / 2))
    scores = _scores(embedding, lambda share: progress((1 + share) / 2))
    values: dict[str, float | None] = {**health, **scores, **_vocabulary(embedding)}
    judged = Verdict(embedding.name, tuple(Finding(rule, values.get(rule.measure)) for rule in RULES))
    if words == MEASURED:
        _judged[embedding] = judged
    return judged


def of_health(space: Health, embedding: Embedding) -> Verdict:
    """What the rules say of measures of health and of the vocabulary: all but the benchmarks."""
    values = _measures(space) | _vocabulary(embedding)
    return Verdict(space.name, tuple(Finding(rule, values[rule.measure]) for rule in RULES if rule.measure in values))


def known(card: catalog.Card) -> dict[str, float]:
    """What is known of a model without measuring it: by its card, or since somebody asked for the verdict."""
    values = {name: card.scores[name] for name in _BENCHMARKS if name in card.scores} | card.health
    judged = _judgement(card)
    measured = {each.rule.measure: each.value for each in judged.findings} if judged else {}
    return values | {name: value for name, value in measured.items() if value is not None}


def is_known(card: catalog.Card) -> bool:
    """Whether the verdict about a model takes no time."""
    measured = {*_BENCHMARKS, "hubness", "mean_cosine", "same_frequency"} <= {*known(card)}
    return measured or _judgement(card) is not None


def _judgement(card: catalog.Card) -> Verdict | None:
    """What was measured of the model that the card is of: another one may have had its name."""
    embedding = catalog.if_open(card.name)
    return _judged.get(embedding) if embedding is not None else None


def _health(embedding: Embedding, words: int, progress: Progress) -> dict[str, float]:
    """The health of a card, where it is of as many words, or measured."""
    if words == MEASURED and (health := catalog.card(embedding.name).health):
        return dict(health)
    return _measures(examine(embedding, words, None, progress)[0])


def _measures(space: Health) -> dict[str, float]:
    """The measures of health that have a rule."""
    return {
        "hubness": space.hubness.skewness,
        "mean_cosine": space.anisotropy.mean_cosine,
        "same_frequency": space.frequency.same_band,
    }


def _vocabulary(embedding: Embedding) -> dict[str, float]:
    """What can be said of a model without measuring its vectors."""
    return {
        "subwords": float(embedding.subwords is not None),
        "words": embedding.size,
        "capitals": sum(word != word.lower() for word in embedding.words) / embedding.size,
        "counts": float(embedding.has_counts),
    }


def _scores(embedding: Embedding, progress: Progress) -> dict[str, float | None]:
    """The benchmarks of a card, or computed."""
    known = catalog.card(embedding.name).scores
    if all(name in known for name in _BENCHMARKS):
        return {name: known[name] for name in _BENCHMARKS}
    for scores in evaluate_model(embedding, EVALUATED):
        progress(scores.done)
    return {name: scores.by_name[name].value if name in scores.by_name else None for name in _BENCHMARKS}


def _sentences(value: float) -> dict[str, tuple[str, str]]:
    """For each measure what a value is good for, and what to beware of."""
    return {
        "analogies": (
            _(
                "English analogies such as king − man + woman ({value:.0%} of Google’s are answered correctly)",
                value=value,
            ),
            _("English analogies (only {value:.0%} of Google’s are answered correctly)", value=value),
        ),
        "wordsim353": (
            _("related English words (WordSim-353: ρ {value:.2f} with people’s judgement)", value=value),
            _("related English words (WordSim-353: ρ only {value:.2f} with people’s judgement)", value=value),
        ),
        "simlex999": (
            _(
                "telling similar English words from words that are only related (SimLex-999: ρ {value:.2f})",
                value=value,
            ),
            _(
                "English neighbours that are related but not similar, as road is to car (SimLex-999: ρ {value:.2f})",
                value=value,
            ),
        ),
        "subwords": (_("words that it has never seen, whose vectors it infers from their parts"), ""),
        "words": (
            _("rare words (it has {value:,.0f} words)", value=value),
            _("rare words and names (it has {value:,.0f} words)", value=value),
        ),
        "capitals": (
            "",
            _("names that are also words: everything is in lower case, so Turkey and turkey are one word"),
        ),
        "counts": ("", _("frequencies: it has no counts, so the rank of a word stands for them")),
        "hubness": (
            _("varied lists: hardly any word is a neighbour of very many others (hubness {value:.2f})", value=value),
            _("hubs: some words are neighbours of very many others (hubness {value:.2f})", value=value),
        ),
        "mean_cosine": (
            _("cosines that mean something: those of random words are about {value:.2f}", value=value),
            _("high cosines: even random words have {value:.2f} on average, so go by “pairs as high”", value=value),
        ),
        "same_frequency": (
            _(
                "lists that mix frequent and rare words ({value:.0%} of neighbours are in the word’s own decile by "
                "frequency, 10% would be by chance)",
                value=value,
            ),
            _(
                "neighbours that share only a frequency ({value:.0%} are in the word’s own decile by frequency, 10% "
                "would be by chance)",
                value=value,
            ),
        ),
    }
