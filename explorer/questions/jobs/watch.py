"""The job whose training is watched: it keeps many checkpoints, to look at what is learnt, and when."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import UserError
from explorer.questions import parameter
from explorer.questions.jobs.job import Announce, Cancelled, Job, never, unheard
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, silent
from explorer.texts import _
from explorer.transformer import recipe_bounds

if TYPE_CHECKING:
    from explorer.data.pairs import Pair
    from explorer.lessons.trainer import Trainer
    from explorer.questions.made import Made


HANDWRITTEN, PHRASE_BOOK, PASTED = "handwritten phrases", "phrase book", "pasted pairs"

_TOO_FEW = _("They are too few to keep some for validation.")
_OF_A_RUN = ("comparison", "arm", "share", "seed", "out")  # parameters that say something where a run is repeated


class Watch(Job):
    """Train a small translator and keep its checkpoints, to look at what it learns, and when.

    The page *Watch it learn* shows such a training while it goes on, and afterwards any number at any checkpoint. Each
    checkpoint is a file that translates by itself. With the defaults it answers "you are welcome" with "de nada" at the
    end. The whole phrase book has this phrase once in 8,234 pairs. There, 200 updates learn the grammar but not this
    idiom; 1,000 learn both.

    A run of a comparison can be trained once more in this way, with the same numbers.
    """

    room = _("Transformer")
    kind, called = "Training", _("Training")
    is_repeatable = True
    keeps_its_part = True
    stopping = _("it stops after the update under way")
    cut_off = _("What it had learnt until then is kept. The same settings give the same training again.")
    out: Path = parameter.file(REQUIRED, _("the folder to keep the checkpoints in"), example="learning")
    data: str = parameter.choice(
        HANDWRITTEN, (HANDWRITTEN, PHRASE_BOOK, PASTED), _("what it learns from"), label=_("Pairs")
    )
    pairs: Path | None = parameter.file(None, _("learn from a file of sentence pairs instead"))
    vectors: str | None = parameter.model(
        _("start the source table from this model's vectors; random where left open"), label=_("Embeddings start")
    )
    d_model: int = parameter.whole(
        32, 2, recipe_bounds.MOST_WATCHED_D_MODEL, _("width of the model"), unit=_("dimensions"), label=_("d_model")
    )
    heads: int = parameter.whole(4, 1, recipe_bounds.MOST_WATCHED_HEADS, _("attention heads; they divide d_model"))
    layers: int = parameter.whole(
        1, 1, recipe_bounds.MOST_WATCHED_LAYERS, _("encoder blocks, and as many decoder blocks")
    )
    updates: int = parameter.whole(200, 1, recipe_bounds.MOST_WATCHED, _("how many steps it learns"))
    batch: int = parameter.whole(
        128,
        1,
        recipe_bounds.MOST_WATCHED_IN_BATCH,
        _("how many in an update"),
        unit=_("pairs"),
        label=_("Pairs an update"),
    )
    rate: float = parameter.number(
        0.01, 0, recipe_bounds.HIGHEST_RATE, _("the learning rate"), above=True, label=_("Learning rate")
    )
    seed: int = parameter.whole(
        0, 0, 999_999_999, _("the seed of the weights and the batches, or of the run of a comparison")
    )
    comparison: str | None = parameter.text(
        None,
        _("train a run of this comparison once more; its plan says how, so arm, share and seed alone go with it"),
        label=_("Comparison"),
    )
    arm: str | None = parameter.text(None, _("the arm of that run"), needs={"comparison": True})
    share: float = parameter.number(
        1.0, 0, 1, _("how much that run learns from"), unit=_("share of the pairs"), needs={"comparison": True}
    )

    def check(self) -> None:
        if self.comparison is not None:
            if self.arm is None:
                raise UserError(_("Name the arm of the run as arm."))
            if idle := [name for name in self.own_values if name not in _OF_A_RUN]:
                raise UserError(_("{idle} follows from the run of a comparison. Leave it out.", idle=idle[0]))
        if self.data == PHRASE_BOOK and self.pairs is not None:
            raise UserError(_("It learns from the phrase book or from a file of pairs. Give data or pairs alone."))
        if self.data == PASTED and self.pairs is None:
            raise UserError(_("Name the file of the pasted pairs as pairs."))

    @property
    def title(self) -> str:
        """What is trained, for who sees it among other jobs."""
        if self.comparison is not None:
            return _("the run “{arm}” of “{name}”", arm=self.arm, name=self.comparison)
        return _("a translator with d_model {d_model}", d_model=self.d_model)

    def prepare(self) -> Trainer:
        """The training, ready to start. Raises UserError for what cannot be done."""
        if self.comparison is not None:
            from explorer.lessons.run_again import Run

            return Run.find(self.comparison, self.arm or "", self.share, self.seed).again()

        from explorer.data.pairs import TRAIN, VALIDATION
        from explorer.embeddings import catalog
        from explorer.lessons.trainer import Trainer
        from explorer.transformer.configuration import Configuration
        from explorer.transformer.training import Recipe
        from explorer.translation.sentences import word_pairs
        from explorer.translation.translators import new_translator

        pairs, few, origin = self._pairs()
        train, validation = word_pairs(pairs, TRAIN), word_pairs(pairs, VALIDATION)
        if not train:
            raise UserError(_("None of the pairs is for training. Write “train” into the first column of some."))
        configuration = Configuration(self.d_model, self.heads, self.layers, norm="pre", scaled=True, tied=True)
        embedding = catalog.load(self.vectors) if self.vectors else None
        translator, covered = new_translator(pairs, configuration, embedding, self.seed)
        recipe = Recipe(batch_size=self.batch, rate=self.rate, seed=self.seed)
        start = (
            _("{covered:,} of its source words start from {vectors}", covered=covered, vectors=self.vectors)
            if embedding
            else _("all tables and matrices start random")
        )
        sentences = [
            _(
                "{train:,} pairs of {source:,} source and {target:,} target words, {batch:,} of them in an update.",
                train=len(train),
                source=len(translator.source),
                target=len(translator.target),
                batch=min(self.batch, len(train)),
            ),
            few * (not validation),
            _(
                "d_model {d_model}, heads {heads}, layers {layers}, learning rate {rate:g}, seed {seed}; {start}.",
                d_model=self.d_model,
                heads=self.heads,
                layers=self.layers,
                rate=self.rate,
                seed=self.seed,
                start=start,
            ),
            origin,
        ]
        sentence = " ".join(filter(None, sentences))
        return Trainer(translator, train, validation, recipe, self.updates, sentence=sentence)

    def _pairs(self) -> tuple[list[Pair], str, str]:
        """The pairs, what is to be said where none of them is for validation, and who wrote them."""
        from explorer.data import pairs as data

        if self.pairs is not None:
            name = _("The pasted text") if self.data == PASTED else str(self.pairs)
            return data.parse_pairs(data.text_of(self.pairs), name, self.seed), _TOO_FEW, ""
        if self.data == PHRASE_BOOK:
            return data.read_pairs(data.PHRASEBOOK), "", data.PHRASEBOOK_ORIGIN
        return data.handwritten(), _("All of them are learnt from, so none is left for validation."), ""

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        """What was learnt is kept where it is cancelled, too. Raises UserError for what cannot be trained."""
        from threadpoolctl import threadpool_limits

        from explorer.answers import Table
        from explorer.lessons.learning import Learning
        from explorer.questions.made import Made

        with threadpool_limits(1):  # so that the same training gives the same numbers
            trainer = self.prepare()
            announce(trainer.sentence)
            trainer.train(self.out, progress, cancelled)
        learning = Learning(self.out)
        rows = [(moment.step, moment.measure.loss, moment.measure.accuracy) for moment in learning.moments]
        names = ("update", "loss", "accuracy")
        content = {"checkpoints": [dict(zip(names, row, strict=True)) for row in rows], "losses": learning.losses}
        line = learning.measured(learning.moments[-1])
        last = shlex.quote(str(learning.moments[-1].path))
        further = _("To ask it: explorer translate SENTENCE --checkpoint {file}", file=last)
        return Made(content, line, (further,), Table(names, tuple(rows)))
