"""The job that trains a translator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.embeddings import bounds
from explorer.errors import UserError
from explorer.questions import parameter
from explorer.questions.jobs.job import Announce, Cancelled, Job, never, unheard
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, silent
from explorer.texts import _, _n
from explorer.transformer import recipe_bounds
from explorer.transformer.bounds import NORMS

if TYPE_CHECKING:
    from explorer.initialisation.fit import Fitting
    from explorer.questions.made import Made


class Fit(Job):
    """Train a translator on sentence pairs.

    The pairs are tab-separated: source and target, or part (train, validation, test), source and target. Ctrl-C stops
    and keeps what was learnt.
    """

    room = _("Transformer")
    pairs: Path = parameter.file(REQUIRED, _("the file of sentence pairs"), positional=True, example="pairs.tsv")
    out: Path = parameter.file(REQUIRED, _("the checkpoint to write, a .safetensors file"), example="mine.safetensors")
    vectors: str | None = parameter.model(_("start the source table from this model's vectors; drawn where left open"))
    target_vectors: str | None = parameter.model(
        _("start the target table from this model's vectors, by PCA if need be; drawn where left open")
    )
    projection: str | None = parameter.choice(
        None,
        ("pca", "learned"),
        _(
            "how vectors of another size come to d_model: by PCA, or by a matrix that is trained, which can make them "
            "wider, too; by PCA where left open"
        ),
    )
    frozen: bool = parameter.flag(_("keep the source table as it starts"))
    thaw: int | None = parameter.whole(
        None, 1, recipe_bounds.MOST_STEPS, _("keep the source table as it starts for so long"), unit=_("steps")
    )
    d_model: int = parameter.whole(
        64, 1, recipe_bounds.MOST_D_MODEL, _("width of the model"), unit=_("dimensions"), label=_("d_model")
    )
    heads: int = parameter.whole(4, 1, recipe_bounds.MOST_HEADS, _("attention heads; they divide d_model"))
    layers: int = parameter.whole(2, 1, recipe_bounds.MOST_LAYERS, _("encoder blocks, and as many decoder blocks"))
    d_ff: int | None = parameter.whole(
        None,
        1,
        recipe_bounds.MOST_D_FF,
        _("width of the feed-forward layer; 4 d_model where left open"),
        unit=_("dimensions"),
        label=_("d_ff"),
    )
    norm: str = parameter.choice("pre", NORMS, _("layer norm before each sub-layer, or after it"))
    dropout: float = parameter.number(
        0.1, 0, recipe_bounds.HIGHEST_DROPOUT, _("share of the values that are dropped while it trains")
    )
    epochs: int = parameter.whole(30, 1, recipe_bounds.MOST_EPOCHS, _("how often all pairs are seen"))
    batch: int = parameter.whole(32, 1, recipe_bounds.MOST_IN_BATCH, _("how many in a step"), unit=_("sentences"))
    rate: float | None = parameter.number(
        None,
        0,
        recipe_bounds.HIGHEST_RATE,
        _(
            "the learning rate, {rate:g} where left open; with a warm-up a factor on the paper's, whose "
            "highest is 1/√(d_model · warm_up), {factor:g} where left open",
            rate=recipe_bounds.RATE,
            factor=recipe_bounds.FACTOR,
        ),
        above=True,
        label=_("Learning rate"),
    )
    warm_up: int = parameter.whole(
        0,
        0,
        recipe_bounds.MOST_STEPS,
        _("how long the rate rises, to fall from then on (Vaswani et al. 2017, section 5.3); 0 is a constant rate"),
        unit=_("steps"),
    )
    smoothing: float = parameter.number(0.0, 0, recipe_bounds.HIGHEST_SMOOTHING, _("label smoothing"))
    patience: int = parameter.whole(
        0,
        0,
        recipe_bounds.MOST_EPOCHS,
        _("stop after so many without a better validation; 0 never stops early"),
        unit=_("epochs"),
    )
    seed: int = parameter.whole(0, 0, bounds.HIGHEST_SEED, _("of the weights, of batches and of dropout"))

    def check(self) -> None:
        if self.frozen and self.thaw is not None:
            raise UserError(_("frozen keeps the table for good, thaw for some steps: give only one."))

    def prepare(self) -> Fitting:
        """All that is checked before the training. Raises UserError for what cannot be done."""
        from explorer.initialisation.fit import Fitting
        from explorer.transformer.configuration import Configuration
        from explorer.transformer.training import Recipe

        sizes = {name: getattr(self, name) for name in ("d_model", "heads", "layers", "d_ff", "norm", "dropout")}
        usual = recipe_bounds.FACTOR if self.warm_up else recipe_bounds.RATE
        recipe = Recipe(
            epochs=self.epochs,
            batch_size=self.batch,
            rate=usual if self.rate is None else self.rate,
            warm_up_steps=self.warm_up,
            smoothing=self.smoothing,
            patience=self.patience,
            frozen=("source.table",) if self.frozen or self.thaw else (),
            thaw=self.thaw or 0,
            seed=self.seed,
        )
        configuration = Configuration(**sizes, scaled=True, tied=True)
        return Fitting(self.pairs, self.out, configuration, recipe, self.vectors, self.projection, self.target_vectors)

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        """What was learnt is kept where it is cancelled, too."""
        fitting = self.prepare()
        for note in fitting.notes:
            announce(note)
        fitting.train(lambda training: progress("training", training.step / fitting.steps), cancelled)
        return self.result_of(fitting, announce)

    def result_of(self, fitting: Fitting, announce: Announce) -> Made:
        """The answer of a fitting that was trained."""
        from explorer.answers import Table
        from explorer.questions.made import Made

        card = fitting.finish(announce)
        return Made(
            card,
            _n(
                "{out}: {count:,} step on {pairs:,} pairs",
                "{out}: {count:,} steps on {pairs:,} pairs",
                card["steps"],
                out=self.out,
                pairs=card["pairs"],
            ),
            fitting.notes,
            Table(("measure", "value"), tuple(card.get("test", {}).items())),
        )
