"""The answers on *Why is it so?* that come along: of each comparison whose data are at hand, at each of its sizes.

python -m tools.explanations [COMPARISON ...]

An answer stands beside the results that it explains, under a name that says of which plan it is: one of an earlier plan
is taken away. Some minutes for a comparison on one core.
"""

from __future__ import annotations

import json
import sys

from explorer.initialisation import library
from explorer.initialisation.plan import PARTS_OF_SPEECH, PHRASE_BOOK
from explorer.questions.jobs.causes import Causes, Rescaling


def write(name: str) -> None:
    """Compute and write all answers on a comparison."""
    for old in library.folder(name).glob("*.json"):
        old.unlink()
    for size in library.plan(name).sizes:
        for kind in (Causes, Rescaling):
            job = kind(comparison=name, size=size)
            path = library.explanation_file(name, job.name, size)
            path.write_text(json.dumps(job.answer().as_json(), ensure_ascii=False) + "\n", encoding="utf-8")
            print(f"{path.name} is written.", flush=True)


if __name__ == "__main__":
    for each in sys.argv[1:] or (PHRASE_BOOK, PARTS_OF_SPEECH):
        write(each)
