"""A job that does as a test says, and its process: `python -m tests.service.slow FOLDER LOCK`."""

import os
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from explorer.answers import Answer
from explorer.errors import Cancelled
from explorer.questions import JOBS, parameter
from explorer.questions.jobs import Compare, Download, Import
from explorer.questions.jobs.job import Job, never, unheard
from explorer.questions.question import silent
from explorer.service.jobs import queue
from explorer.service.jobs.record import JobRecord


class Done(Answer):
    headline = "Done."

    def as_json(self):
        return {"answer": 42}


class Slow(Job):
    """Wait for a file, or take memory."""

    kind = Import.kind
    names_what_it_makes = True
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


class SlowComparison(Slow):
    """The same as a job of which one runs at a time."""

    kind = Compare.kind
    one_of_a_kind = True


class SlowDownload(Slow):
    """The same with the name of something that is there for all."""

    kind = Download.kind
    names_what_it_makes = False


SLOW = {job.name: job for job in (Slow, SlowComparison, SlowDownload)}


@contextmanager
def occupied(kind, name, who):
    """A job that runs meanwhile, of which there is no process."""
    with queue.new_folder() as folder:
        job = JobRecord(folder, kind, name, who)
        held = job.hold()
        try:
            job.begin()
            yield job
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


if __name__ == "__main__":
    from explorer.service.jobs.process import main

    JOBS.update(SLOW)
    main(sys.argv[1:])
