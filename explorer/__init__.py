"""Words, vectors, and what a transformer makes of them.

    import explorer as ex

    model = ex.open("wiki-en-word2vec")
    model.neighbours("airplane", pos="NOUN")

Every question and job of `explorer.questions` is a function here, and a method of a model where it is asked of one.
Importing this package costs nothing: what a name needs is imported when it is first used.
"""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    from importlib import import_module

    python = import_module("explorer.python")
    if name == "UserError":
        return import_module("explorer.errors").UserError
    if name in ("Model", "open"):
        return getattr(python, name)
    if name in python.FUNCTIONS:
        return python.FUNCTIONS[name]
    raise AttributeError(f"explorer has no {name}")


def __dir__() -> list[str]:
    from explorer.questions import JOBS, QUESTIONS

    declared = (*QUESTIONS.values(), *JOBS.values())
    return sorted([*globals(), "Model", "UserError", "open", *(question.python_name for question in declared)])
