"""Questions about talks: which there are, and every scene of one, computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import UserError
from explorer.questions import parameter
from explorer.questions.question import Progress, Question, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.talks import library, rehearsal
    from explorer.talks.deck import Deck

_ROOM = _("Talks")


class Decks(Question):
    """The talks at hand, those that came along and your own: their scenes and how long they take."""

    room = _ROOM

    def answer(self, progress: Progress = silent) -> library.Decks:
        from explorer.talks import library

        return library.decks()


class Talk(Question):
    """A talk with every scene computed: what it draws, its notes, its time, and what is wrong with it.

    A document of it is a page of HTML that shows the talk without a server, or its TOML file with today's numbers.
    """

    room = _ROOM
    is_long = True
    documents = ("html", "toml")
    deck: str | None = parameter.text(
        None,
        _("the name of a talk; `decks` lists them"),
        longest=4_096,
        positional=True,
        example="what-is-an-embedding",
    )
    file: Path | None = parameter.file(None, _("the TOML file of a talk instead"))
    document: str | None = parameter.choice(None, documents, _("write it as such a document"), aliases=["format"])

    def check(self) -> None:
        if (self.deck is None) == (self.file is None):
            raise UserError(_("Name one talk: by deck, which `decks` lists, or by the file that it is in."))

    @property
    def subject(self) -> Deck:
        """The talk as it is written. Raises UserError for one that is not there, or cannot be read."""
        from explorer.talks.deck import open_deck, read_file

        return read_file(self.file) if self.file else open_deck(self.deck or "")

    def answer(self, progress: Progress = silent) -> rehearsal.Talk | rehearsal.TalkDocument:
        from explorer.talks.rehearsal import TalkDocument, rehearse

        talk = rehearse(self.subject, progress)
        return TalkDocument(talk, self.document) if self.document else talk
