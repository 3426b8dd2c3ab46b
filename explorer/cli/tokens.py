"""The command of tokens, for who administers a server at which people log in."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer.cli.output import in_a_line, print_json
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    parser = commands.add_parser(
        "tokens",
        help=_("list, make and revoke the tokens by which programs ask a server at which people log in"),
        description=_(
            "List the tokens by which programs ask a server at which people log in; make or revoke one. People make "
            "their own on the page Account. One that is made here belongs to no person, and sees what all see."
        ),
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--make", metavar="NAME", help=_("make one, and print it: it is shown this once"))
    what.add_argument(
        "--revoke",
        metavar="ID",
        help=_("have one count no more, by the ID that is listed, or the name of one that belongs to no person"),
    )
    parser.add_argument(
        "--may",
        metavar="RIGHT",
        nargs="+",
        default=["ask"],
        help=_("what it may: ask questions; administer, which reads /metrics and sees what all have made"),
    )
    parser.add_argument("--json", action="store_true", help=_("for machines"))
    parser.set_defaults(run=_tokens)


def _tokens(options: argparse.Namespace) -> None:
    from explorer.access import tokens

    if options.make is not None:
        print(tokens.make(options.make, options.may))
    elif options.revoke is not None:
        print(_("The token {name} counts no more.", name=tokens.revoke(options.revoke).name))
    else:
        known = tokens.of()
        if options.json:
            facts = ("id", "name", "made", "person")
            print_json([{name: getattr(each, name) for name in facts} | {"may": sorted(each.scopes)} for each in known])
            return
        if not known:
            print(_("There are no tokens. Make one with --make NAME."), file=sys.stderr)
            return
        print("id", "may", "made", "person", "name", sep="\t")
        for each in known:
            names = (in_a_line(each.person) or "–", in_a_line(each.name))
            print(each.id, ",".join(sorted(each.scopes)), in_a_line(each.made), *names, sep="\t")
