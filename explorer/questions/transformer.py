"""Questions about a transformer: words through its encoder, a pass to the loss, a translation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.errors import UserError
from explorer.questions import parameter
from explorer.questions.question import Progress, Question, silent
from explorer.texts import _
from explorer.transformer import bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from explorer.transformer import decoding, trace
    from explorer.transformer.translator import Translator

ROOM = _("The transformer")


class Encode(Question):
    """Words through a transformer encoder with fresh weights, every intermediate by name."""

    room = ROOM
    words: tuple[str, ...] | None = parameter.texts(
        None, bounds.MOST_ENCODED, _("the words to encode"), positional=True, example=["you", "are", "welcome"]
    )
    model: str | None = parameter.model(_("the model whose vectors are encoded; `models` lists them"))
    article: bool = parameter.flag(_("the article's four-dimensional “You are welcome” instead"))
    layers: int = parameter.whole(bounds.LAYERS, 1, bounds.MOST_LAYERS, _("how many encoder layers"), example=1)
    heads: int = parameter.whole(bounds.HEADS, 1, bounds.MOST_HEADS, _("how many heads each layer has"))
    d_ff: int | None = parameter.whole(
        None, 1, bounds.WIDEST_HIDDEN, _("width of the feed-forward layer; 4 d_model where it is left out"), example=8
    )
    d_model: int | None = parameter.whole(
        None,
        1,
        bounds.WIDEST_MODEL,
        _("project the vectors to this many numbers; theirs where it is left out"),
        example=4,
    )
    seed: int = parameter.whole(0, 0, bounds.HIGHEST_SEED, _("the seed that the weights are drawn from"))
    weights: bool = parameter.flag(_("the weights as well"), aliases=["parameters"], adds_to_json=True)

    def check(self) -> None:
        if self.article and (idle := [*(["model"] if self.model else []), *(self.words or ())]):
            raise UserError(
                _("The article has its own words and vectors, so leave out {idle}, or article.", idle=" ".join(idle))
            )

    def answer(self, progress: Progress = silent) -> trace.Trace:
        from explorer.embeddings import catalog
        from explorer.embeddings.bounds import LONGEST_WORD
        from explorer.embeddings.lookup import known, look_up, parts_of
        from explorer.transformer import article
        from explorer.transformer.encoding import encode

        if self.article:
            tokens, vectors = article.TOKENS, article.VECTORS
        else:
            embedding = catalog.load(self.model)

            def words_of(text: str) -> list[str]:
                is_word = len(text) <= LONGEST_WORD and known(embedding, text)
                return [text] if is_word else parts_of(text) or [text]  # a sentence in quotes

            words = [word for text in self.words or () for word in words_of(text)]
            tokens, vectors = look_up(embedding, self.parameters["words"].check(words) if words else ())
        sizes = {name: getattr(self, name) for name in ("layers", "heads", "d_ff", "d_model", "seed")}
        return encode(tokens, vectors, **sizes).written_with(self.weights, gradients=False)


class Trained(Question):
    """A question to a trained translator."""

    room = ROOM
    checkpoint: str | None = parameter.file(
        None, _("a trained model, a .safetensors file; the shipped one if left out")
    )

    @property
    def translator(self) -> Translator:
        from explorer.transformer import checkpoint

        return checkpoint.load(self._path)

    @property
    def card(self) -> dict[str, Any]:
        """What the trained model says of itself."""
        from explorer.transformer import checkpoint

        return checkpoint.card(self._path)

    @property
    def _path(self) -> Path:
        from pathlib import Path

        from explorer.translation.translators import SHIPPED

        return Path(self.checkpoint) if self.checkpoint else SHIPPED


class OfPair(Question):
    """A question about a sentence and its translation."""

    room = ROOM
    source: str = parameter.text(
        "You are welcome", _("the sentence that the encoder reads"), positional=True, example="You are welcome"
    )
    target: str | None = parameter.text(
        None,
        _(
            "its translation, which the decoder should say; left out, a trained model translates by itself, and "
            "other models have “de nada”"
        ),
        positional=True,
        label=_("Target"),
        without=["encoder_only", "decoder_only"],  # of a lesson: a pass has neither
    )


class Pass(OfPair, Trained):
    """A sentence and its translation through the whole model, to the loss and back."""

    article: bool = parameter.flag(_("the article's four-dimensional example instead"), example=True)
    gradients: bool = parameter.flag(_("the gradient of every tensor as well"), adds_to_json=True)
    weights: bool = parameter.flag(_("the weights as well"), aliases=["parameters"], adds_to_json=True)

    def check(self) -> None:
        if self.article and self.checkpoint is not None:
            raise UserError(_("The article is a model of its own: give checkpoint or article, not both."))

    def answer(self, progress: Progress = silent) -> trace.Trace:
        from explorer.transformer import article
        from explorer.transformer.decoding import own_translation
        from explorer.transformer.passing import teacher_forced_pass
        from explorer.translation.sentences import words_of

        translator = article.translator() if self.article else self.translator
        words = str.split if self.article else words_of
        source = words(self.source)
        if self.target is not None:
            target: Sequence[str] = words(self.target)
        else:
            target = article.TARGET if self.article else own_translation(translator, source)
        return teacher_forced_pass(translator, source, target).written_with(self.weights, self.gradients)


class Translate(Trained):
    """What a trained model answers to a sentence: the likeliest words, a beam search, or words that are drawn."""

    text: str = parameter.text(
        parameter.REQUIRED, _("the sentence to translate"), positional=True, example="You are welcome"
    )
    beam: int | None = parameter.whole(
        None, 1, bounds.WIDEST_BEAM, _("follow this many beginnings; left out, the likeliest word is taken (greedy)")
    )
    penalty: float | None = parameter.number(
        None,
        0,
        bounds.HEAVIEST_PENALTY,
        _(
            "the exponent of the length penalty; {penalty} where it is left out, 0 is none",
            penalty=bounds.LENGTH_PENALTY,
        ),
        label="Length penalty",
        needs={"beam": True},
    )
    temperature: float | None = parameter.number(
        None, 0, bounds.HOTTEST, _("draw each word, at this temperature; 0 takes the likeliest")
    )
    top_k: int | None = parameter.whole(
        None, 0, bounds.MOST_DRAWN_FROM, _("draw each word among the k likeliest; 0 is all")
    )
    top_p: float | None = parameter.number(
        None, 0, 1, _("draw each word among the likeliest that together have this share"), above=True
    )
    seed: int | None = parameter.whole(
        None, 0, bounds.HIGHEST_SEED, _("the seed of the drawing; 0 where it is left out")
    )

    def check(self) -> None:
        """An option that would have no effect is refused: who gave it believes that it has one."""
        drawing = self._options("temperature", "top_k", "top_p")
        if self.beam is not None and drawing:
            raise UserError(
                _(
                    "beam follows the likeliest beginnings, {drawing} chooses words one by one. Give only one.",
                    drawing=drawing[0],
                )
            )
        if self.temperature == 0 and (idle := self._options("top_k", "top_p", "seed")):
            raise UserError(
                _(
                    "At temperature 0 the likeliest word is taken at each step, so {idle} has no effect. "
                    "Leave it out, or give a higher temperature.",
                    idle=idle[0],
                )
            )
        if not drawing and self.seed is not None:
            raise UserError(
                _("Nothing is drawn here, so seed has no effect. Leave it out, or give temperature, top_k or top_p.")
            )

    def answer(self, progress: Progress = silent) -> decoding.Decoding:
        from explorer.transformer.decoding import beam_search, greedy, sample
        from explorer.translation.sentences import words_of

        translator, words = self.translator, words_of(self.text)
        if self.beam is not None:
            penalty = bounds.LENGTH_PENALTY if self.penalty is None else self.penalty
            return beam_search(translator, words, self.beam, penalty)
        drawing = self._options("temperature", "top_k", "top_p", "seed")
        if not drawing or self.temperature == 0:
            return greedy(translator, words)
        return sample(translator, words, **{name: getattr(self, name) for name in drawing})

    def _options(self, *names: str) -> list[str]:
        return [name for name in names if getattr(self, name) is not None]
