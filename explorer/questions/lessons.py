"""Questions about a lesson: the whole pass told step by step, one cell of it, one step of the optimiser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.errors import UserError
from explorer.lessons import bounds
from explorer.questions import parameter
from explorer.questions.lesson_subjects import OfLesson
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, silent
from explorer.texts import _
from explorer.transformer import bounds as sizes

if TYPE_CHECKING:
    from explorer.lessons import derivation, exercises
    from explorer.lessons.lesson import Lesson as WholeLesson
    from explorer.lessons.pictures.picture import Drawing
    from explorer.lessons.pictures.picture import Picture as Drawn


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
    tensor: str | None = parameter.text(
        None, _("the matrix to draw"), longest=bounds.LONGEST_NAME, needs={"document": bounds.FIGURES}
    )
    side: str | None = parameter.choice(
        None,
        bounds.SIDES,
        _("its value (if left out), its gradient, or a weight after the step"),
        needs={"document": bounds.FIGURES},
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
        if self.document in (None, "json") and self.decimals is not None:
            raise UserError(_("JSON has every digit of a number, so decimals has no effect on it. Leave it out."))

    def answer(self, progress: Progress = silent) -> WholeLesson | Any:
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
        _("the weights to draw, such as encoder.0.self_attention.weights; the last ones if left out"),
        longest=bounds.LONGEST_NAME,
        needs={"kind": [bounds.ATTENTION]},
    )
    beam: int | None = parameter.whole(
        None,
        1,
        sizes.WIDEST_DRAWN_BEAM,
        _("follow this many beginnings; {width} if left out", width=bounds.BEAM_WIDTH),
        needs={"kind": [bounds.BEAM]},
    )
    penalty: float | None = parameter.number(
        None,
        0,
        sizes.HEAVIEST_PENALTY,
        _(
            "the exponent of the length penalty; {penalty} where it is left out, 0 is none",
            penalty=sizes.LENGTH_PENALTY,
        ),
        label=_("Length penalty"),
        needs={"kind": [bounds.BEAM]},
    )

    def check(self) -> None:
        super().check()
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
