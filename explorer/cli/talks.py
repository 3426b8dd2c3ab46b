"""The command of talks: show one, write it as a file, check it before the day."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.output import progress_bar
from explorer.cli.questions import add_command, form_of, show, values_of
from explorer.errors import UserError
from explorer.files import check_place, write_file
from explorer.questions.talks import Talk
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.talks.deck import Deck
    from explorer.talks.rehearsal import Talk as Rehearsal

_PORT = 8503  # beside those of the pages and of the agents
_FILES = ".html, .pdf, .webm, .toml"


def add_to(commands: Commands) -> None:
    summary = _("Show a talk at an address of this machine until Ctrl-C, or write, list or check it.")
    command = add_command(commands, Talk, _talk, summary)
    fill = command.fill

    def filled() -> None:
        if fill is not None:
            fill()
        command.add_argument(
            "-o",
            "--out",
            type=Path,
            metavar="FILE",
            help=_("write it into this file ({files}), or a PNG and an SVG of each scene into a folder", files=_FILES),
        )
        command.add_argument(
            "--new",
            type=Path,
            metavar="FILE",
            help=_("ask five questions, and write a talk of your own sentence and vectors into this file (.toml)"),
        )
        command.add_argument("--handout", action="store_true", help=_("with .pdf: each scene beside its notes"))
        command.add_argument("--outline", action="store_true", help=_("print the scenes, and do not show the talk"))
        command.add_argument("--check", action="store_true", help=_("walk through the whole talk in a browser"))
        command.add_argument(
            "--network",
            action="store_true",
            help=_(
                "let phones in the same network reach it: they follow the talk and take part, and one is the "
                "presenter's remote (default: this machine alone)"
            ),
        )
        command.add_argument(
            "--host",
            metavar="ADDRESS",
            help=_("with --network: the address of this machine at which phones reach it (default: its first)"),
        )
        command.add_argument(
            "--port", type=int, default=_PORT, help=_("where it is shown (default: {port})", port=_PORT)
        )

    command.fill = filled


def _talk(options: argparse.Namespace) -> None:
    if options.new:
        _begin(options.new)
        return
    from explorer.talks.rehearsal import TalkDocument

    values = dict(values_of(Talk, options))
    if str(values.get("deck", "")).endswith(".toml"):
        values["file"] = Path(values.pop("deck"))
    question = Talk(**values)
    if options.out:
        check_place(options.out)
    with progress_bar() as progress:
        answer = question.answer(progress)
    if isinstance(answer, TalkDocument):
        if options.out:
            raise UserError(_("The ending of the file says which document it is: leave out document, or --out."))
        show(answer, form_of(options))
    elif options.out:
        _write(answer, options)
    elif options.check:
        _check(answer)
    elif form_of(options) or options.outline:
        show(answer, form_of(options))
    elif options.network:
        _present_to_phones(answer.deck, options.host, options.port)
    elif options.host:
        raise UserError(_("An address is for phones: give --network as well."))
    else:
        _present(answer.deck, options.port)


def _begin(place: Path) -> None:
    """Write a new talk into a file that is not there yet, from five answers that are typed, or piped in."""
    if place.suffix != ".toml":
        raise UserError(_("{place} must end in .toml: a talk is such a file.", place=place))
    check_place(place)
    from explorer.talks.beginning import asked, new_deck

    complain = (lambda problem: print(problem, file=sys.stderr)) if sys.stdin.isatty() else None
    deck = new_deck(asked(_answer, complain))
    write_file(place, deck.as_toml().encode())
    print(_("{place} has {count} scenes. Show it: explorer talk {place}", place=place, count=len(deck.scenes)))


def _answer(question: str) -> str:
    try:
        reply = input(question)
    except EOFError:  # end what is asked: nobody is there who could answer again
        raise UserError(_("The answers end before this question: {question}", question=question.strip())) from None
    if not sys.stdin.isatty():
        print(reply)  # what is piped in stands beside its question, as what is typed does
    return reply


def _write(talk: Rehearsal, options: argparse.Namespace) -> None:
    from explorer.talks.browser import as_film, as_pdf, write_pictures
    from explorer.talks.rehearsal import TalkDocument

    out: Path = options.out
    match out.suffix:
        case ".html" | ".toml":
            write_file(out, TalkDocument(talk, out.suffix[1:]).content)
        case ".pdf":
            write_file(out, as_pdf(talk, options.handout))
        case ".webm":
            with progress_bar() as progress:
                film = as_film(talk, progress)
            write_file(out, film)
        case "":
            with progress_bar() as progress:
                write_pictures(talk, out, progress)
        case _:
            raise UserError(_("{out} has no ending that a talk can have. Take one of {files}.", out=out, files=_FILES))
    for sentence in talk.sentences:
        print(sentence, file=sys.stderr)


def _check(talk: Rehearsal) -> None:
    from explorer.talks.check import check

    report = check(talk)
    show(report)
    if report.problems:
        raise UserError(_("This talk is not ready for the stage: see above."))


def _present(deck: Deck, port: int) -> None:
    """Show the talk at an address of this machine until Ctrl-C."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import RedirectResponse
    from starlette.routing import Route

    from explorer.cli.serving import check_place as check_port
    from explorer.service.talks import page_of, routes

    check_port("localhost", port)
    page_of(deck)

    async def first(request: object) -> RedirectResponse:
        return RedirectResponse("/talk?deck=this")

    app = Starlette(routes=[Route("/", first), *routes(lambda _name: deck)])
    print(_("The talk “{title}” is at http://localhost:{port}/", title=deck.title, port=port), flush=True)
    uvicorn.run(app, host="localhost", port=port, log_level="warning")


def _present_to_phones(deck: Deck, host: str | None, port: int) -> None:
    """Show the talk, with a room for the presenter's phone and the audience's, until Ctrl-C."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.middleware import Middleware

    from explorer.cli.serving import check_place as check_port
    from explorer.service.reach import Door, own_addresses, own_names
    from explorer.service.talks import Served

    address = host or next(iter(own_addresses()), None)
    if address is None:
        raise UserError(_("This machine has no address in a network. Connect it first, or leave out --network."))
    listens = host or "0.0.0.0"
    check_port(listens, port)
    link = f"http://{f'[{address}]' if ':' in address else address}:{port}/"
    served = Served.at(link, deck)
    here = link if host else f"http://localhost:{port}/"
    room = served.room
    print(
        _("The talk “{title}” is at", title=deck.title),
        f"  {here}?key={room.key}",
        _("Open this address on this machine, and give it to nobody. Press q there: phones follow the talk at"),
        f"  {link}",
        _("Your own phone is the remote at this address, with the code {code}, which works once:", code=room.code),
        f"  {served.remote}",
        _("Everybody in this network who opens the talk sees its scenes, but not its notes."),
        sep="\n",
        flush=True,
    )
    app = Starlette(routes=served.routes(), middleware=[Middleware(Door, names=own_names() | {address}, origins=[])])
    # Phones listen for as long as the talk is there: its end does not wait for them.
    uvicorn.run(app, host=listens, port=port, log_level="warning", timeout_graceful_shutdown=1)
