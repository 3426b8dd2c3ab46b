"""A job that does as a test says, and its process: `python -m tests.service.slow FOLDER LOCK`."""

import sys
import time
from pathlib import Path

from explorer.answers import Answer
from explorer.errors import Cancelled
from explorer.questions import JOBS, parameter
from explorer.questions.jobs.job import Job, never, unheard
from explorer.questions.question import silent


class Done(Answer):
    headline = "Done."

    def as_json(self):
        return {"answer": 42}


class Slow(Job):
    """Wait for a file, or take memory."""

    until: Path | None = parameter.file(None, "the file")
    megabytes: int = parameter.whole(0, 0, 100_000, "how much memory")

    def answer(self, progress=silent, cancelled=never, announce=unheard):
        progress("working", 0.25)
        bytearray(self.megabytes * 2**20)
        while self.until and not self.until.exists():
            if cancelled():
                raise Cancelled("It was cancelled.")
            time.sleep(0.01)
        return Done()


if __name__ == "__main__":
    from explorer.service.job import main

    JOBS[Slow.name] = Slow
    main(sys.argv[1:])
