"""Questions about a lesson: the whole pass told step by step, one cell of it, one step of the optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.errors import UserError
from explorer.lessons import bounds
from explorer.questions import parameter
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, silent
from explorer.questions.transformer import OfPair, Trained
from explorer.texts import _
from explorer.transformer import bounds as sizes
from explorer.transformer.recipe_bounds import HIGHEST_DROPOUT, HIGHEST_SMOOTHING

if TYPE_CHECKING:
    from explorer.lessons import derivation, exercises
    from explorer.lessons.example import Example
    from explorer.lessons.lesson import Lesson as Told
    from explorer.lessons.pictures.picture import Drawing
    from explorer.lessons.pictures.picture import Picture as Drawn

_FRESH = ("d_model", "norm", "projection", "scaled")  # what only a model with fresh weights on vectors can be asked for
_DRAWN = ("heads", "layers", "d_ff", "seed")  # what one with the article's vectors has as well
_STEP = ("optimiser", "rate", "smoothing", "dropout")


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
        _("with vectors: bring them to this many numbers; {d_model} where it is left out", d_model=bounds.D_MODEL),
        label=_("d_model"),
    )
    norm: str | None = parameter.choice(
        None,
        sizes.NORMS,
        _("with vectors: layer norm after each part (post, if left out) or before it"),
        label=_("Layer norm"),
    )
    projection: str | None = parameter.choice(
        None,
        bounds.PROJECTIONS,
        _("with vectors: bring them to d_model by PCA (if left out) or a random matrix"),
        label=_("Projected by"),
    )
    scaled: bool = parameter.flag(
        _("with vectors: multiply them by √d_model before positions are added"), label=_("Multiply by √d_model")
    )
    heads: int | None = parameter.whole(
        None,
        1,
        sizes.MOST_HEADS,
        _("with vectors or article: heads of a layer; {heads} where it is left out", heads=bounds.HEADS),
    )
    layers: int | None = parameter.whole(
        None,
        1,
        sizes.MOST_LAYERS,
        _(
            "with vectors or article: layers of encoder and decoder; {layers} where it is left out",
            layers=bounds.LAYERS,
        ),
    )
    d_ff: int | None = parameter.whole(
        None,
        1,
        sizes.WIDEST_HIDDEN,
        _("with vectors or article: width of the feed-forward layer; 4 d_model, the article's 8, where it is left out"),
        label=_("d_ff"),
    )
    seed: int | None = parameter.whole(
        None,
        0,
        sizes.HIGHEST_SEED,
        _("with vectors or article: the seed of the weights; 0 where it is left out"),
        label=_("Seed of the weights"),
    )
    labels: tuple[str, ...] | None = parameter.texts(
        None,
        bounds.MOST_LABELS,
        _("with vectors: a classifier of these labels, without a decoder; the target is the right one, or the first"),
        fewest=2,
        label=_("Labels"),
    )
    pooling: str | None = parameter.choice(
        None,
        sizes.POOLINGS,
        _("with labels: what makes one vector of the text; the mean of its words where it is left out"),
    )
    encoder_only: bool = parameter.flag(
        _("the encoder alone: no target, no loss and no way back"), label=_("Part of the model")
    )
    decoder_only: bool = parameter.flag(
        _("with vectors: the decoder alone, a language model, which reads the source and says each next word of it"),
        label=_("Decoder alone"),
    )
    optimiser: str | None = parameter.choice(
        None, bounds.OPTIMISERS, _("the optimiser that takes the last step; adam where it is left out")
    )
    rate: float | None = parameter.number(
        None, 0, bounds.HIGHEST_RATE, _("its learning rate; the example's own where it is left out"), above=True
    )

    smoothing: float = parameter.number(
        0.0, 0, HIGHEST_SMOOTHING, _("label smoothing of the loss, as in training"), label=_("Label smoothing")
    )
    dropout: float = parameter.number(
        0.0,
        0,
        HIGHEST_DROPOUT,
        _("share of the numbers that dropout sets to 0, as in training; drawn with the seed 0"),
        label=_("Dropout"),
    )

    def check(self) -> None:
        models = [name for name in ("checkpoint", "article", "vectors") if self.values[name]]
        if len(models) > 1:
            raise UserError(_("{first} and {second} are two models. Give only one.", first=models[0], second=models[1]))
        for name in (*_FRESH, *_DRAWN):
            fits = self.vectors is not None or (self.article and name not in _FRESH)
            if self.values[name] not in (None, False) and not fits:
                needs = "vectors" if name in _FRESH else _("vectors or article")
                raise UserError(_("{name} needs {needs}: this model has its own.", name=name, needs=needs))
        if self.labels is None and self.pooling is not None:
            raise UserError(_("pooling needs labels: it makes one vector of a text, which gets a label."))
        if self.labels is not None:
            self._check_labels(self.labels)
        if self.decoder_only:
            self._check_decoder_only()
        if self.encoder_only and (idle := [name for name in ("target", *_STEP) if name in self.own_values]):
            raise UserError(
                _("The encoder alone has no target and no loss, so leave out {idle}, or encoder_only.", idle=idle[0])
            )

    def _check_labels(self, labels: tuple[str, ...]) -> None:
        if self.vectors is None or self.encoder_only:
            raise UserError(_("labels need vectors, for there is no trained classifier, and no encoder_only."))
        if idle := [name for name in ("smoothing", "dropout") if name in self.own_values]:
            raise UserError(_("The lesson of a label has no {idle}. Leave it out.", idle=idle[0]))
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
        if "target" in self.own_values and self.target not in labels:
            raise UserError(
                _(
                    "“{target}” is none of the labels: {labels}. The target is the one that the text has.",
                    target=self.target[:40],
                    labels=", ".join(labels),
                )
            )

    def _check_decoder_only(self) -> None:
        if self.vectors is None:
            raise UserError(_("A language model is made from vectors: give vectors as well, such as wiki-en-glove."))
        if self.encoder_only or self.labels is not None:
            other = "encoder_only" if self.encoder_only else "labels"
            raise UserError(_("decoder_only and {other} are two kinds of model. Leave one of them out.", other=other))
        if idle := [name for name in ("target", "smoothing", "dropout") if name in self.own_values]:
            raise UserError(_("The lesson of a language model has no {idle}. Leave it out.", idle=idle[0]))

    @property
    def _right(self) -> str:
        """The right one of the labels: the target, or the first; empty where there are none."""
        labels = self.labels or ()
        return self.target if self.target in labels else next(iter(labels), "")

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
        source, target = words(self.source), None if self.encoder_only else words(self.target)
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
        from explorer.transformer.model import Configuration
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
        source, target = words(self.source), None if is_alone else words(self.target)
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
    def lesson(self) -> Told:
        from explorer.lessons.lesson import lesson

        return lesson(self.subject)


class Lesson(OfLesson):
    """The whole pass told step by step, forward, back and one step of the optimiser, with every number.

    A document of it is Markdown, LaTeX, a notebook, a page of HTML, JSON, or a spreadsheet whose formulas compute it
    once more (xlsx); or one of its matrices as SVG or PDF.
    """

    documents = (*bounds.TEXTS, *bounds.WORKBOOKS, *bounds.FIGURES)
    binary = bounds.BINARY
    document: str | None = parameter.choice(
        None, documents, _("write it as such a document"), aliases=["format"], example="md"
    )
    chapter: int | None = parameter.whole(None, 1, bounds.MOST_CHAPTERS, _("this chapter alone, counted from 1"))
    step: str | None = parameter.text(
        None, _("this step alone, such as encoder.0.self_attention.scores"), longest=bounds.LONGEST_NAME, example="loss"
    )
    tensor: str | None = parameter.text(None, _("with svg and pdf: the matrix to draw"), longest=bounds.LONGEST_NAME)
    side: str | None = parameter.choice(
        None, bounds.SIDES, _("with svg and pdf: its value (if left out), its gradient, or a weight after the step")
    )
    decimals: int | None = parameter.whole(
        None,
        bounds.FEWEST_DECIMALS,
        bounds.MOST_DECIMALS,
        _(
            "decimals of a document; {decimals} where it is left out, and JSON has every digit",
            decimals=bounds.DECIMALS,
        ),
    )

    def check(self) -> None:
        super().check()
        if self.chapter is not None and self.step is not None:
            raise UserError(_("A step stands in its chapter: give chapter or step, not both."))
        if self.document in bounds.FIGURES:
            if not self.tensor:
                raise UserError(
                    _("A figure shows one matrix: name it with tensor, such as encoder.0.self_attention.weights.")
                )
            if self.chapter is not None or self.step is not None:
                raise UserError(_("A figure shows one matrix, so chapter and step do not go with it."))
        elif self.tensor or self.side:
            raise UserError(_("tensor and side are for svg and pdf; other documents take chapter or step."))
        if self.document in (None, "json") and self.decimals is not None:
            raise UserError(_("JSON has every digit of a number, so decimals has no effect on it. Leave it out."))

    def answer(self, progress: Progress = silent) -> Told | Any:
        from explorer.lessons.document import Document
        from explorer.lessons.steps import Shown

        lesson = self.lesson
        if self.document is None and self.chapter is None and self.step is None:
            return lesson
        tensor = Shown(self.tensor, self.side or bounds.VALUE) if self.tensor else None
        decimals = self.decimals or bounds.DECIMALS
        return Document(lesson, self.document or "json", self.chapter, self.step, tensor, decimals)


class Exercise(OfLesson):
    """Steps of a lesson with numbers left blank, to be computed by hand, and the solution of each line by line.

    Without a step or a chapter, steps are drawn from the whole lesson. A document of it is a page to print, in Markdown
    or HTML, with the solutions at its end.
    """

    documents = bounds.SHEETS
    document: str | None = parameter.choice(None, documents, _("write it as such a document"), aliases=["format"])
    chapter: int | None = parameter.whole(None, 1, bounds.MOST_CHAPTERS, _("each step of this chapter, counted from 1"))
    step: str | None = parameter.text(
        None,
        _("this step alone, such as encoder.0.self_attention.scores"),
        longest=bounds.LONGEST_NAME,
        example="encoder.0.self_attention.scores",
    )
    blanks: int = parameter.whole(bounds.BLANKS, 1, bounds.MOST_BLANKS, _("how many numbers of a step are blank"))
    variant: int = parameter.whole(
        0, 0, sizes.HIGHEST_SEED, _("another number leaves others blank; the same number leaves the same")
    )
    decimals: int = parameter.whole(
        bounds.DECIMALS, bounds.FEWEST_DECIMALS, bounds.MOST_DECIMALS, _("decimals of the numbers")
    )

    def check(self) -> None:
        super().check()
        if self.chapter is not None and self.step is not None:
            raise UserError(_("A step stands in its chapter: give chapter or step, not both."))

    def answer(self, progress: Progress = silent) -> exercises.Exercise | exercises.Sheet:
        from explorer.lessons.exercises import exercise

        result = exercise(self.lesson, self.chapter, self.step, self.blanks, self.variant, self.decimals)
        return result.sheet(self.document) if self.document else result


class Cell(OfLesson):
    """How one number of a pass came about: its value and its gradient, as sums of terms, each a product of factors."""

    tensor: str = parameter.text(
        REQUIRED,
        _("a cell, such as encoder.0.self_attention.scores[0,1,2]; updated: before it is the weight after the step"),
        longest=bounds.LONGEST_NAME,
        positional=True,
        example="encoder.0.self_attention.scores[0,1,2]",
    )

    def answer(self, progress: Progress = silent) -> derivation.Derivation:
        from explorer.lessons.derivation import derivation

        return derivation(self.lesson, self.tensor)


class Update(OfLesson):
    """One step of the optimiser: a weight, Adam's m and v, the change, and the loss before and after."""

    weight: str | None = parameter.text(
        None,
        _(
            "a cell of a weight, such as output.bias[5]; if left out, the entry of the table that is read, such as "
            "source.table, with the steepest gradient"
        ),
        longest=bounds.LONGEST_NAME,
    )

    def check(self) -> None:
        super().check()
        if self.encoder_only:
            raise UserError(
                _("The encoder alone has no loss, so no step of an optimiser is taken. Leave encoder_only out.")
            )

    def answer(self, progress: Progress = silent) -> derivation.WeightUpdate:
        from explorer.lessons.derivation import weight_update

        return weight_update(self.lesson, self.weight)


class Picture(OfLesson):
    """A picture drawn from a pass: the whole of it, attention as lines, the next word as bars, decoding, a beam's tree.

    The answer has its numbers; a document of it is the drawing, as SVG.
    """

    documents = ("svg",)
    kind: str = parameter.choice(
        bounds.WHOLE, bounds.PICTURES, _("what to draw"), label="Picture", example=bounds.ATTENTION
    )
    document: str | None = parameter.choice(None, documents, _("write it as such a document"), aliases=["format"])
    tensor: str | None = parameter.text(
        None,
        _("with attention: the weights to draw, such as encoder.0.self_attention.weights; the last ones if left out"),
        longest=bounds.LONGEST_NAME,
    )
    beam: int | None = parameter.whole(
        None,
        1,
        sizes.WIDEST_DRAWN_BEAM,
        _("with beam: follow this many beginnings; {width} if left out", width=bounds.BEAM_WIDTH),
    )
    penalty: float | None = parameter.number(
        None,
        0,
        sizes.HEAVIEST_PENALTY,
        _(
            "with beam: the exponent of the length penalty; {penalty} where it is left out, 0 is none",
            penalty=sizes.LENGTH_PENALTY,
        ),
        label=_("Length penalty"),
    )

    def check(self) -> None:
        super().check()
        if self.tensor is not None and self.kind != bounds.ATTENTION:
            raise UserError(
                _("tensor names an attention, so it has no effect on {kind}. Leave it out.", kind=self.kind)
            )
        if self.kind != bounds.BEAM and (idle := [name for name in ("beam", "penalty") if name in self.own_values]):
            raise UserError(
                _("{name} is for the tree of a beam search: ask for the kind {kind}.", name=idle[0], kind=bounds.BEAM)
            )
        if self.labels and self.kind in (bounds.NEXT_WORD, bounds.DECODING, bounds.BEAM):
            raise UserError(_("A classifier says no words. Leave labels out, or ask for another picture."))
        if self.decoder_only and self.kind in (bounds.DECODING, bounds.BEAM):
            raise UserError(_("This language model is not trained, so it writes no words. Ask for another picture."))
        if self.encoder_only and self.kind in (bounds.NEXT_WORD, bounds.DECODING, bounds.BEAM):
            raise UserError(_("The encoder alone says no words. Leave encoder_only out, or ask for another picture."))

    def answer(self, progress: Progress = silent) -> Drawn | Drawing:
        from explorer.lessons.pictures import picture

        return picture.Drawing(self.picture) if self.document else self.picture

    @property
    def picture(self) -> Drawn:
        from explorer.lessons.pictures import attention, decoding, next_word, tree
        from explorer.lessons.pictures.whole import Whole

        lesson = self.lesson
        translator, source = lesson.example.translator, lesson.example.source
        match self.kind:
            case bounds.ATTENTION:
                name = self.tensor or attention.attentions(lesson.trace)[-1].name
                return attention.attention_lines(lesson.trace, name)
            case bounds.BOARD:
                return attention.board(lesson.trace)
            case bounds.NEXT_WORD:
                return next_word.next_words(lesson.trace)
            case bounds.DECODING:
                return decoding.word_by_word(translator, source)
            case bounds.BEAM:
                penalty = sizes.LENGTH_PENALTY if self.penalty is None else self.penalty
                return tree.beam_tree(translator, source, self.beam or bounds.BEAM_WIDTH, penalty)
            case _:
                return Whole(lesson)
