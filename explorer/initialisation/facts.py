"""What is known of a task without its pairs: kept beside results, so that they can be read where the pairs are not."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import tomli_w

from explorer.errors import UserError
from explorer.initialisation.coverage import Coverage, coverage
from explorer.initialisation.plan import Plan
from explorer.texts import _
from explorer.toml_text import parse_toml

FACTS_FILE = "task.toml"  # in the folder of a comparison, beside its results


@dataclass(frozen=True)
class Facts:
    """A task in numbers and sentences, by the names that `tasks.Task` has for them."""

    digest: str
    description: str
    measures: tuple[str, ...]  # the deciding one first
    classes: tuple[str, ...] = ()  # the labels of texts
    answers: int = 0  # of a classification, how many there are
    commonest: str = ""  # of them in training
    chance: float = 0.0  # how often it is right
    notes: tuple[str, ...] = ()
    folds: int = 0
    tested: int = 0  # pairs of the test part
    is_language: bool = False  # whether it is a language model's
    coverage: tuple[Coverage, ...] = ()  # of its words by the vectors that arms start from

    @classmethod
    def of(cls, plan: Plan) -> Facts:
        """Those of a plan whose task is at hand, without the coverage, for which all its models are opened."""
        task = plan.data
        return cls(
            task.digest,
            task.description,
            task.measures,
            task.classes,
            len(task.labels),
            " ".join(task.commonest) if task.labels else "",
            task.chance if task.labels else 0.0,
            task.notes,
            len(task.folds),
            len(task.test),
            task.is_language,
        )

    def covered(self, plan: Plan) -> Facts:
        """The same with the coverage of the models that are at hand, where it is not known yet."""
        return self if self.coverage else replace(self, coverage=coverage(plan))

    def as_toml(self) -> str:
        return tomli_w.dumps(asdict(self))


def facts(plan: Plan, folder: Path) -> Facts:
    """Those of a plan's task: of its pairs, or where they are not at hand, those that a folder of results keeps.

    Raises UserError where neither is there.
    """
    try:
        return Facts.of(plan)
    except UserError:
        path = folder / FACTS_FILE
        if not path.is_file():
            raise
    try:
        values = parse_toml(path.read_text(encoding="utf-8"), str(path))
        columns: dict[str, Any] = {
            name: tuple(each) if isinstance(each, list) else each for name, each in values.items()
        }
        columns["coverage"] = tuple(Coverage(**each) for each in values.get("coverage", ()))
        return Facts(**columns)
    except (OSError, TypeError, UnicodeDecodeError) as error:
        raise UserError(_("{path} cannot be read: {error}.", path=path, error=error)) from error
