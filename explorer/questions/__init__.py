"""Every question that a user can ask, each declared once; all doors are derived from these declarations.

`QUESTIONS` has them by name, in the order in which help and reference list them.
"""

from explorer.questions import words
from explorer.questions.question import Question

QUESTIONS: dict[str, type[Question]] = {
    question.name: question
    for question in (
        words.Neighbours,
        words.Complete,
        words.Search,
    )
}
