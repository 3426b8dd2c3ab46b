"""What a lesson is about: a model, a sentence and its translation, and where the words' vectors come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.lookup import find
from explorer.errors import UserError
from explorer.lessons.bounds import HIGHEST_RATE, LONGEST_WORD, MOST_TOKENS, OPTIMISERS, PROJECTIONS
from explorer.texts import _, _n
from explorer.transformer import article
from explorer.transformer.classifier import Classifier
from explorer.transformer.configuration import Configuration
from explorer.transformer.decoding import own_translation
from explorer.transformer.language import LanguageModel
from explorer.transformer.passing import encoder_trace, labelled_pass, language_pass, teacher_forced_pass
from explorer.transformer.trace import Trace
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary
from explorer.translation.table import Projection, table


@dataclass(frozen=True, eq=False)
class Example:
    """A pair of sentences and the model that reads them; without a target, its encoder alone reads the source. With a
    `label` the model is a classifier. Without a source it is a language model, which is to say the target that it
    reads. Both have all of a translator that a lesson of theirs asks for.

    `origin` is a sentence on where the vectors come from. `embedding` holds the words' neighbours, where the vectors
    were taken from one; of vectors chosen `at_will`, arbitrary ones, the neighbours say nothing. `optimiser` and `rate`
    are those of the lesson's one training step, `smoothing` (of labels) and `dropout` those of its pass; the model was
    `trained_with` such a smoothing and dropout. Where nobody gave a target, it `is_own_translation` of the model.
    """

    title: str
    translator: Translator
    source: tuple[str, ...]
    target: tuple[str, ...]
    origin: str
    embedding: Embedding | None = None
    optimiser: str = "adam"  # or "sgd"
    rate: float = 0.01
    at_will: bool = False
    smoothing: float = 0.0
    dropout: float = 0.0
    trained_with: tuple[float, float] = (0.0, 0.0)
    label: str = ""
    is_own_translation: bool = False

    def __post_init__(self) -> None:
        if self.optimiser not in OPTIMISERS:
            first, second = OPTIMISERS
            raise UserError(
                _(
                    "A lesson has no optimiser “{optimiser}”. Take {first} or {second}.",
                    optimiser=self.optimiser,
                    first=first,
                    second=second,
                )
            )
        if not 0 < self.rate <= HIGHEST_RATE:
            raise UserError(
                _(
                    "The learning rate is {rate:g}, but must be above 0 and at most {most:g}.",
                    rate=self.rate,
                    most=HIGHEST_RATE,
                )
            )
        check_words(None if self.is_of_language else self.source, self.target or None)

    @property
    def encoder_only(self) -> bool:
        return not (self.target or self.label)

    @property
    def is_of_language(self) -> bool:
        """Whether the model is a decoder alone."""
        return self.translator.configuration.is_language_model

    @property
    def caution(self) -> str:
        """What to know of a prediction of weights that nobody has trained; empty where somebody has."""
        if self.embedding is None and not self.at_will:
            return ""
        return _("The weights of this model are random, not trained, so its prediction means nothing yet.")

    @property
    def target_origin(self) -> str:
        """A sentence on the target where nobody gave one; empty where somebody did."""
        if not self.is_own_translation:
            return ""
        return _("No target is given, so it is the model's own translation: “{target}”.", target=" ".join(self.target))

    @property
    def words(self) -> tuple[str, ...]:
        """The sentence that the model's table is read for first: the source, or all that a language model reads."""
        return self.source or self.target

    @property
    def labels(self) -> tuple[str, ...]:
        """What a classifier tells apart; nothing of other models."""
        return getattr(self.translator, "labels", ())

    @property
    def trace(self) -> Trace:
        """The pass through the model, or through its encoder alone. Raises UserError as `teacher_forced_pass` does."""
        if self.label:
            return labelled_pass(cast("Classifier", self.translator), self.source, self.label)
        if self.is_of_language:
            return language_pass(cast("LanguageModel", self.translator), self.target)
        if self.encoder_only:
            return encoder_trace(self.translator, self.source)
        return teacher_forced_pass(self.translator, self.source, self.target, self.smoothing, self.dropout)

    @property
    def sides(self) -> tuple[str, ...]:
        """The source and, where there is one, the target or the label, with spaces between words."""
        return tuple(filter(None, (" ".join(self.source), " ".join(self.target), self.label)))

    def of(self, source: Sequence[str], target: Sequence[str] | None) -> Example:
        """The same model with other sentences; None is no target. Raises UserError as `check_words` does."""
        check_words(source, target)
        return replace(self, source=tuple(source), target=tuple(target or ()), is_own_translation=False)


_EMPTY = {
    "source": _("The source is empty: give at least one word."),
    "target": _("The target is empty: give at least one word."),
}
_TOO_LONG_A_WORD = {
    "source": _(
        "“{beginning}…” in the source has {letters:,} letters, but a lesson shows words of {most} at most. Split it "
        "into shorter words."
    ),
    "target": _(
        "“{beginning}…” in the target has {letters:,} letters, but a lesson shows words of {most} at most. Split it "
        "into shorter words."
    ),
}
_TOO_MANY_WORDS = {
    "source": _(
        "The source has {words:,} words, but a lesson shows {most} at most. Take its beginning, such as “{beginning}”."
    ),
    "target": _(
        "The target has {words:,} words, but a lesson shows {most} at most. Take its beginning, such as “{beginning}”."
    ),
}
_A_MARK = {
    "source": _("“{word}” in the source is a special token of the model, not a word. Leave it out."),
    "target": _("“{word}” in the target is a special token of the model, not a word. Leave it out."),
}


def check_words(source: Sequence[str] | None, target: Sequence[str] | None) -> None:
    """Raises UserError for sentences that no lesson shows: empty ones, too many or too long words, special
    tokens. A side of None is none: the encoder alone has no target, a language model no source."""
    for side, words in (("source", source), ("target", target)):
        if words is None:
            continue
        if not words:
            raise UserError(_EMPTY[side])
        if longest := next((word for word in words[: MOST_TOKENS + 1] if len(word) > LONGEST_WORD), ""):
            raise UserError(
                _TOO_LONG_A_WORD[side].format(beginning=longest[:20], letters=len(longest), most=LONGEST_WORD)
            )
        if len(words) > MOST_TOKENS:
            first = " ".join(words[:MOST_TOKENS])
            raise UserError(_TOO_MANY_WORDS[side].format(words=len(words), most=MOST_TOKENS, beginning=first))
        if marks := [word for word in words if word in MARKS]:
            raise UserError(_A_MARK[side].format(word=marks[0]))


def fresh_weights(seed: int) -> str:
    """A sentence on what `initial_parameters` gives, the words' vectors left out."""
    return _(
        "All weight matrices are random (seed {seed}), and so are the vectors of special tokens that are not "
        "given; every bias and every β is 0, every γ is 1.",
        seed=seed,
    )


_OF_THE_ARTICLE = _(
    "These vectors are the article's: arbitrary ones of four numbers, so that every step can be computed by hand."
)


def article_example(seed: int = 0, layers: int = 1, heads: int = 2, d_ff: int | None = 8) -> Example:
    """The article's “You are welcome” → “de nada”, its vectors to the digit."""
    translator = article.translator(seed, layers, heads, d_ff)
    return Example(
        _("The article's example"),
        translator,
        article.TOKENS,
        article.TARGET,
        f"{_OF_THE_ARTICLE} {fresh_weights(seed)}",
        rate=0.05,  # not 0.1, which would take a weight of −0.1 to 0 but for Adam's ε
        at_will=True,
    )


def read_as(text: str, words: Sequence[str]) -> str:
    """A sentence on what became of a text on its way to words; empty where the words are the text."""
    if text.split() == list(words):
        return ""
    return _(
        "“{text}” is read as “{words}”: in lower case, without punctuation and other signs that are neither "
        "letters nor digits.",
        text=" ".join(text.split()),
        words=" ".join(words),
    )


_LEARNED = _("These vectors and all other weights come from training: the model learned them from examples.")


def trained_example(
    translator: Translator,
    source: Sequence[str],
    target: Sequence[str] | None,
    pairs: str = "",
    smoothing: float = 0.0,
) -> Example:
    """A sentence and its translation in a model that has been trained; `pairs` is a sentence on what it was trained on,
    `smoothing` the label smoothing that it was trained with. An empty target is the model's own translation.
    Raises UserError for a source of which the model knows no word."""
    check_words(source, target or None)
    if len(translator.unknown(source)) == len(set(source)):
        raise UserError(
            _("The model knows none of the words “{words}”. Take a sentence of its vocabulary.", words=" ".join(source))
        )
    is_own_translation = target is not None and not target
    if is_own_translation:
        target = own_translation(translator, source)
    return Example(
        _("A trained model"),
        translator,
        tuple(source),
        tuple(target or ()),
        f"{_LEARNED} {pairs}".rstrip(),
        rate=0.001,
        trained_with=(smoothing, translator.configuration.dropout),
        is_own_translation=is_own_translation,
    )


def own_example(
    embedding: Embedding,
    source: Sequence[str],
    target: Sequence[str] | None,
    configuration: Configuration,
    projection: str = "pca",
    seed: int = 0,
    labels: Sequence[str] = (),
    right: str = "",
    decoder_only: bool = False,
) -> Example:
    """Any sentence pair, in the vectors of any model, in a transformer with fresh weights; with `labels` a text and the
    `right` one of them, in a classifier. Which one is right changes no weight. The source of a `decoder_only` is what a
    language model reads and is to say.

    The words' vectors are those that a training would start from. Raises UserError where the embedding holds none of
    the source's words, or too few dimensions or words for that projection.
    """
    if projection not in PROJECTIONS:
        first, second = PROJECTIONS
        raise UserError(
            _(
                "“{projection}” is not a projection. Take {first} or {second}.",
                projection=projection,
                first=first,
                second=second,
            )
        )
    check_words(source, target)
    target = target or ()
    known = {word for word in (*source, *target) if word in embedding}
    if not known.intersection(source):
        if len(set(source)) == 1:
            find(embedding, source[0])  # says what is spelled much like it
        raise UserError(
            _(
                "{name} holds none of the words “{words}”. Take another sentence.",
                name=embedding.name,
                words=" ".join(source),
            )
        )
    if decoder_only:
        source, target = (), source
    sides = Vocabulary.of([source]), Vocabulary.of([target])
    way = Projection(embedding, configuration.d_model, projection, seed)
    tables = {
        f"{side}.table": table(way, vocabulary, seed, side=side).table
        for side, vocabulary in zip(("source", "target"), sides, strict=True)
        if known.intersection(vocabulary.words)
    }
    lacking = [word for word in dict.fromkeys((*source, *target)) if word not in known]
    origin = _origin(way, seed)
    if lacking:
        origin += " " + _n(
            "It lacks {words}: its vectors are random.",
            "It lacks {words}: their vectors are random.",
            len(lacking),
            words=", ".join(lacking),
        )
    origin += f" {fresh_weights(seed)}"
    if labels:
        classifier = Classifier.fresh(configuration, sides[0], labels, seed, tables)
        model = cast("Translator", classifier)
        return Example(_("Your own sentence"), model, tuple(source), (), origin, embedding, label=right)
    if decoder_only:
        model = cast("Translator", LanguageModel.fresh(configuration, sides[1], seed, tables))
        return Example(_("Your own sentence"), model, (), tuple(target), origin, embedding)
    translator = Translator.fresh(configuration, *sides, seed, tables)
    return Example(_("Your own sentence"), translator, tuple(source), tuple(target), origin, embedding)


def _origin(projection: Projection, seed: int) -> str:
    """A sentence on where the vectors come from, and how they were brought to d_model where they have another size."""
    values = {
        "name": projection.embedding.name,
        "factor": projection.factor,
        "dimensions": projection.embedding.dimensions,
        "d_model": projection.d_model,
    }
    if not projection.kind:
        return _(
            "The vectors are those of {name}, all multiplied by {factor:.3g}: now its most frequent words have the "
            "same spread as the random vectors of a new model.",
            **values,
        )
    if projection.kind == "random":
        return _(
            "The vectors are those of {name}, reduced from {dimensions} dimensions to {d_model} by a random matrix "
            "(seed {seed}), all multiplied by {factor:.3g}: now its most frequent words have the same spread as the "
            "random vectors of a new model.",
            seed=seed,
            **values,
        )
    return _(
        "The vectors are those of {name}, reduced from {dimensions} dimensions to {d_model} by PCA over its most "
        "frequent words, which keeps {variance:.0%} of their variance, all multiplied by {factor:.3g}: now its most "
        "frequent words have the same spread as the random vectors of a new model.",
        variance=projection.variance,
        **values,
    )
