"""Copy as: the question of a page at every other door, as something to paste."""

from __future__ import annotations

from explorer.questions.question import Question
from explorer.ui.action_bar import action_bar


def copy_as(*questions: Question) -> None:
    """Draw the bar of a page whose answers have their downloads elsewhere."""
    action_bar(*questions)
