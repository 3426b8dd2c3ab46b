"""What every question about a lesson has in common: which lesson it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.errors import UserError
from explorer.lessons import bounds
from explorer.questions import parameter
from explorer.questions.transformer import OfPair, Trained
from explorer.texts import _
from explorer.transformer import bounds as sizes
from explorer.transformer.recipe_bounds import HIGHEST_DROPOUT, HIGHEST_SMOOTHING

if TYPE_CHECKING:
    from explorer.lessons.example import Example
    from explorer.lessons.lesson import Lesson as WholeLesson


_MODELS = ("checkpoint", "article", "vectors")
_STEP = ("optimiser", "rate", "smoothing", "dropout")
_VECTORS = {"vectors": True}
_FRESH = {"vectors": True, "article": True}  # a trained model has its own size
_WITHOUT_TRANSLATION = ("encoder_only", "decoder_only", "labels")


class OfLesson(OfPair, Trained):
    """A question about a sentence and its translation in one of three models.

    Without `vectors` and `article` it is a trained one.
    """

    room = _("The lesson")
    article: bool = parameter.flag(_("the article's four-dimensional example, its weights drawn from the seed"))
    vectors: str | None = parameter.model(
        _("a model with fresh weights on these vectors; `models` lists them"), label=_("Vectors")
    )
    d_model: int | None = parameter.whole(
        None,
        1,
        sizes.WIDEST_MODEL,
        _("bring the vectors to this many numbers; {d_model} where it is left out", d_model=bounds.D_MODEL),
        label=_("d_model"),
        needs=_VECTORS,
    )
    norm: str | None = parameter.choice(
        None,
        sizes.NORMS,
        _("layer norm after each part (post, if left out) or before it"),
        label=_("Layer norm"),
        needs=_VECTORS,
    )
    projection: str | None = parameter.choice(
        None,
        bounds.PROJECTIONS,
        _("bring the vectors to d_model by PCA (if left out) or a random matrix"),
        label=_("Projected by"),
        needs=_VECTORS,
    )
    scaled: bool = parameter.flag(
        _("multiply the vectors by √d_model before positions are added"),
        label=_("Multiply by √d_model"),
        needs=_VECTORS,
    )
    heads: int | None = parameter.whole(
        None,
        1,
        sizes.MOST_HEADS,
        _("heads of a layer; {heads} where it is left out", heads=bounds.HEADS),
        needs=_FRESH,
    )
    layers: int | None = parameter.whole(
        None,
        1,
        sizes.MOST_LAYERS,
        _("layers of encoder and decoder; {layers} where it is left out", layers=bounds.LAYERS),
        needs=_FRESH,
    )
    d_ff: int | None = parameter.whole(
        None,
        1,
        sizes.WIDEST_HIDDEN,
        _("width of the feed-forward layer; 4 d_model, the article's 8, where it is left out"),
        label=_("d_ff"),
        needs=_FRESH,
    )
    seed: int | None = parameter.whole(
        None,
        0,
        sizes.HIGHEST_SEED,
        _("the seed of the weights; 0 where it is left out"),
        label=_("Seed of the weights"),
        needs=_FRESH,
    )
    labels: tuple[str, ...] | None = parameter.texts(
        None,
        bounds.MOST_LABELS,
        _("a classifier of these labels, without a decoder; the target is the right one, or the first"),
        fewest=2,
        label=_("Labels"),
        needs=_VECTORS,
        without=["encoder_only", "decoder_only"],
    )
    pooling: str | None = parameter.choice(
        None,
        sizes.POOLINGS,
        _("what makes one vector of the text; the mean of its words where it is left out"),
        needs={"labels": True},
    )
    encoder_only: bool = parameter.flag(
        _("the encoder alone: no target, no loss and no way back"), label=_("Part of the model")
    )
    decoder_only: bool = parameter.flag(
        _("the decoder alone, a language model, which reads the source and says each next word of it"),
        label=_("Decoder alone"),
        needs=_VECTORS,
        without=["encoder_only"],
    )
    optimiser: str | None = parameter.choice(
        None,
        bounds.OPTIMISERS,
        _("the optimiser that takes the last step; adam where it is left out"),
        without=["encoder_only"],
    )
    rate: float | None = parameter.number(
        None,
        0,
        bounds.HIGHEST_RATE,
        _("its learning rate; the example's own where it is left out"),
        above=True,
        without=["encoder_only"],
    )

    smoothing: float = parameter.number(
        0.0,
        0,
        HIGHEST_SMOOTHING,
        _("label smoothing of the loss, as in training"),
        label=_("Label smoothing"),
        without=_WITHOUT_TRANSLATION,
    )
    dropout: float = parameter.number(
        0.0,
        0,
        HIGHEST_DROPOUT,
        _("share of the numbers that dropout sets to 0, as in training; drawn with the seed 0"),
        label=_("Dropout"),
        without=_WITHOUT_TRANSLATION,
    )

    def check(self) -> None:
        models = [name for name in _MODELS if self.values[name]]
        if len(models) > 1:
            raise UserError(_("{first} and {second} are two models. Give only one.", first=models[0], second=models[1]))
        if self.labels is not None:
            self._check_labels(self.labels)

    def _check_labels(self, labels: tuple[str, ...]) -> None:
        if len(set(labels)) < len(labels) or not all(labels):
            raise UserError(_("Each label needs a name of its own."))
        if longest := next((label for label in labels if len(label) > bounds.LONGEST_WORD), ""):
            raise UserError(
                _(
                    "The label “{label}…” is too long: take {most} letters.",
                    label=longest[:20],
                    most=bounds.LONGEST_WORD,
                )
            )
        if self.target is not None and self.target not in labels:
            raise UserError(
                _(
                    "“{target}” is none of the labels: {labels}. The target is the one that the text has.",
                    target=self.target[:40],
                    labels=", ".join(labels),
                )
            )

    @property
    def _target(self) -> str:
        """The target, or the example's where none is given; an empty one is a trained model's own translation."""
        from explorer.transformer import article

        if self.target is not None:
            return self.target
        return " ".join(article.TARGET) if self.article or self.vectors is not None else ""

    @property
    def _right(self) -> str:
        """The right one of the labels: the target, or the first; empty where there are none."""
        labels = self.labels or ()
        return self.target if self.target and self.target in labels else next(iter(labels), "")

    @property
    def subject(self) -> Example:
        """The model and the sentences that the lesson is about. Raises UserError for what no lesson can be about."""
        from explorer.data.pairs import PHRASEBOOK_ORIGIN
        from explorer.lessons.cells import Cell as Named
        from explorer.lessons.example import article_example, trained_example
        from explorer.translation.sentences import words_of

        if Named.is_named_by(self.source):
            raise UserError(
                _(
                    "“{text}” is the name of a number, not a sentence. Give it to update as weight, to cell as tensor.",
                    text=self.source,
                )
            )
        words = str.split if self.article else words_of
        source, target = words(self.source), None if self.encoder_only else words(self._target)
        if self.article:
            example = article_example(
                self.seed or 0, self.layers or bounds.LAYERS, self.heads or bounds.HEADS, self.d_ff or 8
            ).of(source, target)
        elif self.vectors is not None:
            example = self._own()
        else:
            origin = PHRASEBOOK_ORIGIN if self.checkpoint is None else ""
            example = trained_example(self.translator, source, target, origin, self._smoothing)
        return replace(example, **{name: self.values[name] for name in _STEP if self.values[name] is not None})

    @property
    def _smoothing(self) -> float:
        """The label smoothing that the trained model's card tells of."""
        recipe = self.card.get("recipe")
        smoothing = recipe.get("smoothing") if isinstance(recipe, dict) else None
        return float(smoothing) if isinstance(smoothing, (int, float)) else 0.0

    def _own(self) -> Example:
        from explorer.embeddings import catalog
        from explorer.lessons.example import own_example
        from explorer.transformer.configuration import Configuration
        from explorer.translation.sentences import words_of

        embedding, d_model = catalog.load(self.vectors), self.d_model or bounds.D_MODEL
        if self.projection and embedding.dimensions == d_model:
            raise UserError(
                _(
                    "The vectors have {d_model} dimensions already, so projection has no effect. Leave it out.",
                    d_model=d_model,
                )
            )

        def words(side: str) -> Sequence[str]:
            """Its tokens; where the embedding has all of them as they are written, as they are written."""
            tokens = side.split()
            return tokens if all(token in embedding for token in tokens) else words_of(side)

        is_alone = self.encoder_only or self.decoder_only or self.labels
        source, target = words(self.source), None if is_alone else words(self._target)
        configuration = Configuration(
            d_model,
            heads=self.heads or bounds.HEADS,
            layers=self.layers or bounds.LAYERS,
            d_ff=self.d_ff,
            norm=self.norm or "post",
            scaled=self.scaled,
            pooling=self.pooling or sizes.POOLINGS[0],
        )
        way, seed = self.projection or "pca", self.seed or 0
        return own_example(
            embedding, source, target, configuration, way, seed, self.labels or (), self._right, self.decoder_only
        )

    @property
    def lesson(self) -> WholeLesson:
        from explorer.lessons.lesson import lesson

        return lesson(self.subject)
