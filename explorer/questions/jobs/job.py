"""What every job has: it reports its progress, can be cancelled, and announces what is worth knowing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from explorer.questions.question import Progress, Question, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.answers import Answer


Cancelled = Callable[[], bool]  # is asked now and then whether to stop
Announce = Callable[[str], None]  # is called with what is worth knowing before the answer


def never() -> bool:
    """Whether to stop, of somebody who waits."""
    return False


def unheard(sentence: str) -> None:
    """The announcements to somebody who does not listen."""


class Job(Question):
    """A question whose answer is made: it takes long, writes files, reports its progress and can be cancelled.

    The command line and Python take jobs; HTTP and agents do not.
    """

    is_long = True
    kind = ""  # by which a server finds, counts and lists jobs; those that no page begins have none
    called = ""  # the kind, for people
    one_of_a_kind = False  # whether it waits while another of its kind runs
    is_repeatable = False  # whether another of the same name may go on beside it
    names_what_it_makes = False  # whether who begins it chooses the name, which others may not see
    keeps_its_part = False  # whether what it has done until it is cancelled is kept
    beginning = ""  # what it does before there is a share to tell
    stopping = _("it stops at the next moment at which it can")
    cut_off = _("Begin it again.")  # what to do where its process was ended

    @property
    def bytes_of_disk(self) -> int:
        """What it adds to the models of who begins it, as far as that is known before."""
        return 0

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        """Do it, and say what was made. Raises Cancelled where it was; a half-made file is never left."""
        raise NotImplementedError

    def _stopping(self, progress: Progress, cancelled: Cancelled) -> Progress:
        """A progress that raises Cancelled: what reports to it tidies up then as it does after Ctrl-C."""

        def tell(doing: str, share: float) -> None:
            progress(doing, share)
            if cancelled():
                from explorer.errors import Cancelled

                raise Cancelled(_("The job {name} was cancelled; nothing of it was kept.", name=self.name))

        return tell
