"""What a server does before it is asked, so that its first visitors wait no longer than the others."""

from __future__ import annotations

from contextlib import suppress
from inspect import unwrap
from typing import Any

from explorer.embeddings import catalog
from explorer.errors import UserError


def before_the_first_visit() -> None:
    """Sweep what was left half-made; open the default model and import what the first visit needs: it is then as quick
    as the others."""
    import pandas  # noqa: F401  Streamlit imports it in its first run
    import plotly.graph_objects  # noqa: F401
    from streamlit import delta_generator

    from explorer.embeddings.drafts import sweep_cache, sweep_models
    from explorer.service import questions
    from explorer.service.atlas import packed, state
    from explorer.transformer import article, encoding  # noqa: F401
    from explorer.ui import action_bar, messages, neighbour_table, word_box  # noqa: F401
    from explorer.ui.lesson import lesson_view  # noqa: F401
    from explorer.ui.lesson.lesson_view import exports, layers  # noqa: F401

    # At its first element Streamlit would look through all modules for whether it runs in a console, which takes long.
    delta_generator._use_warning_has_been_displayed = True
    questions.document()
    sweep_models(catalog.MODELS)
    sweep_cache(catalog.CACHE)
    with suppress(UserError):  # the pages say what is wrong with the model
        catalog.load()
        packed(catalog.DEFAULT, state(catalog.DEFAULT))


def during_the_first_visit() -> None:
    """Import what the other pages need and ask a first question of each kind, while the first visitors read: the first
    visit of a page takes no longer than the second."""
    import sklearn.manifold  # noqa: F401

    from explorer.embeddings.patterns import suggestions
    from explorer.questions import openings
    from explorer.questions.maps import Graph, Map
    from explorer.questions.models import SideBySide
    from explorer.questions.question import Question
    from explorer.questions.vectors import Analogy, Percentile, Why
    from explorer.questions.words import Neighbours
    from explorer.ui import two_models, why_view  # noqa: F401
    from explorer.ui.initialisation import comparison_charts, comparisons  # noqa: F401
    from explorer.ui.lesson import learning_view  # noqa: F401
    from explorer.ui.map import word_map  # noqa: F401

    def answer(question: Question) -> Any:
        return unwrap(type(question).answer)(question)  # nobody asks, so it is not counted

    with suppress(UserError):
        word, formula = openings.word(catalog.DEFAULT), openings.formula(catalog.DEFAULT)
        suggestions(catalog.load(), f"{word}q")  # no word begins so: spellings are compared as well
        near = answer(Neighbours(word=word))
        pair = {"first": word, "second": near.rows[0].word} if near.rows else {}
        questions = [Map(around=word), Graph(around=word), Analogy(formula=formula), SideBySide(word=word)]
        for question in [*questions, *([Why(**pair), Percentile(**pair)] if pair else [])]:
            answer(question)
