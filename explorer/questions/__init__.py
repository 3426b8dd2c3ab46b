"""Every question that a user can ask, each declared once; all doors are derived from these declarations.

`QUESTIONS` has them by name, in the order in which help and reference list them; `JOBS` has what makes something.
"""

from explorer.questions import comparisons, lessons, maps, models, talks, transformer, vectors, words
from explorer.questions.jobs import JOBS
from explorer.questions.question import Question

__all__ = ["JOBS", "QUESTIONS"]

QUESTIONS: dict[str, type[Question]] = {
    question.name: question
    for question in (
        words.Neighbours,
        words.Vector,
        words.Complete,
        words.Search,
        vectors.Similarity,
        vectors.Matrix,
        vectors.Analogy,
        vectors.OddOneOut,
        vectors.Placement,
        vectors.Percentile,
        vectors.Why,
        maps.Map,
        maps.Graph,
        maps.Atlas,
        models.SideBySide,
        models.Disagreement,
        models.AlignedMap,
        models.Drift,
        models.Models,
        models.Card,
        models.Health,
        models.Evaluate,
        models.Verdict,
        transformer.Encode,
        transformer.Pass,
        transformer.Translate,
        lessons.Lesson,
        lessons.Exercise,
        lessons.Cell,
        lessons.Update,
        lessons.Picture,
        comparisons.Comparisons,
        comparisons.Comparison,
        comparisons.EqualUpdates,
        comparisons.Equivalence,
        comparisons.Power,
        comparisons.Together,
        comparisons.Published,
        comparisons.ComparisonRuns,
        comparisons.Strategies,
        talks.Decks,
        talks.Talk,
    )
}
