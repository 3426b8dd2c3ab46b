"""What to compare and how: a plan, from a TOML file or from the page, and the jobs that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from explorer.errors import UserError
from explorer.initialisation.looks import Look, schedule
from explorer.initialisation.option_tables import PlanError as PlanError
from explorer.initialisation.option_tables import checked
from explorer.initialisation.plan_checks import CNN, SEARCH_SEEDS, TRANSFORMER, check
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.words import listed
from explorer.texts import _, _n
from explorer.toml_text import parse_toml
from explorer.transformer.configuration import Configuration
from explorer.transformer.training import NUMPY

if TYPE_CHECKING:
    from explorer.initialisation.tasks import Task

PLANS = Path(__file__).parent / "plans"
PLAN_FILE = "plan.toml"  # in the folder of a comparison, beside its results
NAMES = QUICK, PHRASE_BOOK, PARTS_OF_SPEECH = ("quick", "phrase-book", "parts-of-speech")
"""The plans that come along."""
MOST_SEEDS = 1000
MODEL_KEYS = (
    "d_model", "heads", "layers", "d_ff", "norm", "activation", "positions", "scaled", "tied", "dropout", "pooling",
)  # fmt: skip
_LEFT_OUT = ("language", "text", "label", "part", "folds", "looks")  # of a plan's file where they say nothing
_MODELS = {TRANSFORMER: MODEL_KEYS, CNN: ("d_model", "dropout")}  # what a plan says of each network


@dataclass(frozen=True)
class Job:
    """One training: an arm, trained on a share of the training pairs, from a seed, with a learning rate."""

    arm: str
    strategy: Strategy
    share: float
    seed: int
    rate: float
    search: bool = False  # whether it looks for the arm's learning rate, and is not compared itself


@dataclass(frozen=True)
class Plan:
    """Arms × seeds × sizes, all else alike. Raises PlanError for what makes no sense.

    Each arm's learning rate is the one of `rates` with the lowest validation loss over as many seeds as `search_seeds`
    says, looked for at each size. Where the best rate of any arm lies at an end of the grid, the grid of that size is
    continued there for every arm, up to `widenings` times at each end: so every arm has the same budget.
    """

    name: str  # of the plan, and of the folder of its results
    arms: Mapping[str, Strategy]  # what is compared: a table of options for each
    baseline: str  # the arm that the others are compared with
    task: str = "phrase book"  # or "parts of speech"; or the path of sentence pairs, a table of texts or a plain text
    language: bool = False  # whether a language model is trained, of a plain text or of the phrase book's English
    text: str = ""  # of a table of texts: the column of the texts
    label: str = ""  # of a table of texts: the column of their labels
    part: str = ""  # of a table of texts: the column of their parts, which are drawn where none is named
    folds: int = 0  # of a table of texts: how many parts it is dealt out to, of which each seed tests another
    seeds: tuple[int, ...] = tuple(range(10))  # each gives a run of every arm at every size
    looks: tuple[int, ...] = ()  # after how many seeds it is looked at, and stops if every difference is shown
    sizes: tuple[float, ...] = (1.0,)  # shares of the training pairs
    rates: tuple[float, ...] = (0.003,)  # learning rates, of which each arm has the best at each size
    search_seeds: int = 3  # seeds that search the learning rates, none of which is compared
    widenings: int = 4  # rates that may be added at each end of the grid, as far apart as the two that end it
    network: str = TRANSFORMER  # what is trained; "cnn" is the convolutional one of Kim 2014, for labelled texts
    model: Configuration = field(default_factory=lambda: Configuration(64, heads=4, layers=1, scaled=True, tied=True))
    backend: str = NUMPY  # what computes a training step; "pytorch" for models that are large enough for it
    updates: int = 1000  # the most that a run makes
    patience: int = 0  # measurements in a row without a lower validation loss before a run stops; 0 makes all updates
    batch_size: int = 32  # pairs, texts or lines in an update
    measured_every: int = 50  # updates from one measurement on the validation part to the next
    threshold: float = 2.0  # the validation loss that is to be reached
    watch: tuple[str, ...] = ()  # words whose neighbours are kept, before and after

    def __post_init__(self) -> None:
        check(self)

    @property
    def data(self) -> Task:
        """The task. Raises UserError where its pairs or texts are not at hand."""
        from explorer.initialisation.labelled import Columns
        from explorer.initialisation.tasks import task

        if not self.text:
            return task(self.task, language=self.language)
        return task(self.task, Columns(*self.columns), self.folds)

    def search(self, grids: Mapping[float, Sequence[float]] | None = None) -> Iterator[Job]:
        """The jobs that look for learning rates: at each size with the rates that `grids` says, or those that it begins
        with. None where there is no choice."""
        if len(self.rates) > 1:
            for number in range(self.search_seeds):
                for share in self.sizes:
                    for arm, strategy in self.arms.items():
                        for rate in grids[share] if grids else self.rates:
                            yield Job(arm, strategy, share, SEARCH_SEEDS + number, rate, search=True)

    def compared(self, rates: Mapping[tuple[str, float], float]) -> Iterator[Job]:
        """The jobs that are compared, from the learning rate of each arm and size; a seed's arms follow each other, so
        that a look has whole seeds."""
        for seed in self.seeds:
            for share in self.sizes:
                for arm, strategy in self.arms.items():
                    yield Job(arm, strategy, share, seed, rates[arm, share])

    @property
    def schedule(self) -> tuple[Look, ...]:
        """When it is looked at, by `looks.schedule`: after all seeds at the latest, and no sooner where `looks` names
        none."""
        return schedule(self.looks or (len(self.seeds),), len(self.arms) - 1)

    @property
    def jobs(self) -> int:
        """How many trainings there are, if no grid is widened and no look ends it."""
        return self._jobs(len(self.rates))

    @property
    def most_jobs(self) -> int:
        """How many there are, if every grid is widened as far as it may be."""
        return self._jobs(len(self.rates) + 2 * self.widenings)

    def _jobs(self, rates: int) -> int:
        cells = len(self.arms) * len(self.sizes)
        searched = cells * rates * self.search_seeds if len(self.rates) > 1 else 0
        return searched + cells * len(self.seeds)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before it begins, in sentences."""
        return tuple(filter(None, (self.too_few_seeds, self.idle_looks, self.early_end)))

    @property
    def too_few_seeds(self) -> str:
        """A sentence where Holm's correction leaves no difference significant even if all seeds agree; else empty."""
        needed = 2
        while (len(self.arms) - 1) * 2 / 2**needed >= self.schedule[-1].level:
            needed += 1
        if len(self.seeds) >= needed:
            return ""
        others = len(self.arms) - 1
        return _n(
            "With {seeds} seeds and {count} arm besides the baseline, no difference can be significant, however large: "
            "at least {needed} seeds are needed.",
            "With {seeds} seeds and {count} arms besides the baseline, no difference can be significant, however "
            "large: at least {needed} seeds are needed.",
            others,
            seeds=len(self.seeds),
            needed=needed,
        )

    @property
    def idle_looks(self) -> str:
        """A sentence where looks are so early that no difference can be significant at them; else empty."""
        tested = {look.seeds for look in self.schedule}
        idle = [str(seeds) for seeds in self.looks if seeds not in tested]
        if not idle:
            return ""
        return _n(
            "The look after {seeds} seeds is passed over and spends nothing: no difference can be significant so "
            "early, however large.",
            "The looks after {seeds} seeds are passed over and spend nothing: no difference can be significant so "
            "early, however large.",
            len(idle),
            seeds=listed(idle),
        )

    @property
    def early_end(self) -> str:
        """A sentence where a look may end the comparison before its last seed; else empty."""
        earlier = [str(look.seeds) for look in self.schedule[:-1]]
        if not earlier:
            return ""
        return _(
            "It may end earlier: it is looked at after {looks} of {seeds} seeds, and stops where every difference to "
            "the baseline is shown by then.",
            looks=listed(earlier),
            seeds=len(self.seeds),
        )

    @property
    def searched_on_tests(self) -> str:
        """A sentence where learning rates are searched for on texts that a compared seed is tested on; else empty."""
        if not self.folds or len(self.rates) == 1:
            return ""
        return _(
            "The learning rates are searched for on texts that are the test texts of some seeds: the "
            "numbers on the test part may be slightly too good, with the same search for every arm."
        )

    @property
    def public(self) -> Plan:
        """The plan as visitors see it: of a file with its whole path the name alone, as folders are this machine's."""
        path = Path(self.task)
        return replace(self, task=path.name) if path.is_absolute() else self

    @property
    def is_convolutional(self) -> bool:
        """Whether Kim's convolutional network is trained, and no transformer."""
        return self.network == CNN

    @property
    def model_options(self) -> dict[str, Any]:
        """What the plan says of its network."""
        names = [name for name in _MODELS[self.network] if self.text or name != "pooling"]
        return {name: getattr(self.model, name) for name in names}

    @property
    def columns(self) -> tuple[str, str, str]:
        """What a table's columns of texts, labels and parts are called; empty for other tasks."""
        return self.text, self.label, self.part

    def as_toml(self) -> str:
        """The plan as a file that `read` reads."""
        plain = asdict(self)
        plain = {key: value for key, value in plain.items() if value or key not in _LEFT_OUT}
        if not self.is_convolutional:
            del plain["network"]
        if self.backend == NUMPY:
            del plain["backend"]
        plain["model"] = {name: value for name, value in self.model_options.items() if value is not None}
        plain["arms"] = {
            name: {option: value for option, value in asdict(strategy).items() if value != _DEFAULTS.get(option)}
            for name, strategy in self.arms.items()
        }
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}
        tables = {key: plain.pop(key) for key in ("model", "arms")}
        return tomli_w.dumps(plain | tables)


_DEFAULTS = {option.name: option.default for option in fields(Strategy) if option.default is not MISSING}


EARLIER = {"widenings": 0}
"""What a plan stands for that an earlier version wrote beside its results: no grid was widened then."""


def read(path: Path, **absent: Any) -> Plan:
    """The plan of a TOML file; `absent` are the values of options that it lacks, where they are not the defaults.

    Raises PlanError for a file that is missing, or none, or a plan that makes no sense.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), str(path), **absent)
    except FileNotFoundError:
        raise PlanError(
            _(
                "There is no plan at {path}. Give the path of a TOML file, or one that came along: {names}.",
                path=path,
                names=", ".join(NAMES),
            )
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(_("The plan {path} cannot be read: {error}.", path=path, error=error)) from error


def shipped(name: str) -> Plan:
    """A plan that comes along."""
    return read(PLANS / f"{name}.toml")


def parse(text: str, name: str = _("The text"), **absent: Any) -> Plan:
    """The plan of a TOML text; `name` is what errors call it, `absent` as in `read`."""
    try:
        values = absent | parse_toml(text, name)
    except UserError as error:
        raise PlanError(str(error)) from error
    model, arms = values.pop("model", {}), values.pop("arms", {})
    if not isinstance(model, dict) or not isinstance(arms, dict):
        raise PlanError(_("{name}: [model] and [arms] are tables, but here they are something else.", name=name))
    values = checked(values, Plan, f"{name}:", without=("model", "arms"))
    if isinstance(values.get("seeds"), int):
        if values["seeds"] > MOST_SEEDS:
            raise PlanError(
                _(
                    "{name}: {seeds:,} seeds are more than the {most_seeds:,} a plan may have.",
                    name=name,
                    seeds=values["seeds"],
                    most_seeds=MOST_SEEDS,
                )
            )
        values["seeds"] = range(values["seeds"])
    values |= {key: tuple(value) for key, value in values.items() if isinstance(value, (list, range))}
    if model:
        only = _MODELS.get(str(values.get("network", TRANSFORMER)), MODEL_KEYS)
        values["model"] = Configuration(**checked(model, Configuration, f"{name}, [model]:", only=only))
    for arm, options in arms.items():
        if not isinstance(options, dict):
            raise PlanError(
                _('{name}: the arm “{arm}” is no table of options, such as start = "unit".', name=name, arm=arm)
            )
        try:
            arms[arm] = Strategy(**checked(options, Strategy, _("{name}, the arm “{arm}”:", name=name, arm=arm)))
        except PlanError:
            raise
        except UserError as error:
            raise PlanError(_("{name}, the arm “{arm}”: {error}", name=name, arm=arm, error=error)) from error
    return Plan(arms=arms, **values)
