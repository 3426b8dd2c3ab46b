"""The parser of the commands: what cannot be read gets a sentence with a suggestion, and no list of all options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from explorer.errors import UserError, cut
from explorer.texts import _

# What argparse says, as a sentence that says what to do. What it says otherwise is shown as it is.
_SENTENCES = {
    r"argument (.+): expected (?:one|1) argument": _(r"\1 needs a value after it."),
    r"argument (.+): expected at least one argument": _(r"\1 needs one value or several after it."),
    r"argument (.+): expected (\d+) arguments": r"\1 needs \2 values after it.",
    r"argument (.+): ignored explicit argument '(.*)'": _(r"\1 takes no value, but has “\2”."),
    r"argument (.+): invalid int value: '(.*)'": _(r"\1 is “\2”, but must be a whole number."),
    r"argument (.+): invalid float value: '(.*)'": _(r"\1 is “\2”, but must be a number."),
    r"argument (.+): not allowed with argument (.+)": _(r"\1 does not go together with \2. Give one of the two."),
    r"ambiguous option: (\S+) could match (.+)": _(r"\1 may mean any of \2. Write more of it."),
    r"the following arguments are required: COMMAND": _("No command is given. Name one."),
    r"the following arguments are required: (.+)": _(r"This is missing: \1."),
    r"one of the arguments (.+) is required": _(r"One of these is missing: \1."),
}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are UserErrors; `fill`, where it is set, adds its options as soon as they are needed."""

    fill: Callable[[], None] | None = None

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **({"formatter_class": _Formatter} | named))
        self._positionals.title, self._optionals.title = _("positional arguments"), _("options")
        self._actions[0].help = _("show this help message and exit")

    def filled(self) -> Parser:
        """The parser with all its options: a command line needs those of one command in thirty."""
        fill, self.fill = self.fill, None
        if fill is not None:
            fill()
        return self

    @property
    def commands(self) -> dict[str, Parser]:
        """Its commands by name."""
        groups = (action for action in self._actions if isinstance(action, argparse._SubParsersAction))
        return {name: command for group in groups for name, command in group.choices.items()}

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        return super(Parser, self.filled()).parse_known_args(args, namespace)

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            command = getattr(options, "command", None)
            (self.commands[command] if command else self)._refuse(unknown)
        return options

    def error(self, message: str) -> NoReturn:
        """Raise what argparse says as a UserError."""
        for pattern, sentence in _SENTENCES.items():
            if match := re.fullmatch(pattern, message, re.DOTALL):
                message = match.expand(sentence)
                break
        else:
            message = f"{message[:1].upper()}{message[1:].rstrip('.')}."
        raise UserError(f"{message} {self._remedy}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        if isinstance(action, argparse._SubParsersAction):
            raise UserError(
                _joined(
                    _("There is no command “{value}”.", value=cut(value)),
                    _meant(value, action.choices),
                    self._remedy,
                )
            )
        name = "/".join(action.option_strings) or action.metavar or action.dest
        choices = list(map(str, action.choices))
        raise UserError(
            _joined(
                _(
                    "{name} is “{value}”, but must be one of {choices}.",
                    name=name,
                    value=cut(str(value)),
                    choices=", ".join(choices),
                ),
                _meant(str(value), choices),
            )
        )

    def _refuse(self, words: Sequence[str]) -> NoReturn:
        """Raise UserError for words of the command line that no option takes."""
        word = next((word for word in words if word.startswith("-")), words[0])
        name = self.prog.rpartition(" ")[2]
        if {"-", "+"}.intersection(words):
            raise UserError(_("Put quotes around a formula, as in {formula}.", formula='"king - man + woman"'))
        if not word.startswith("-"):
            raise UserError(
                _(
                    "“{word}” is one word too many for {name}. Put quotes around several words that belong together. "
                    "{remedy}",
                    word=cut(word),
                    name=name,
                    remedy=self._remedy,
                )
            )
        option = word.partition("=")[0]
        raise UserError(
            _joined(
                _("There is no option {option} of {name}.", option=cut(option), name=name),
                _meant(option, self._option_string_actions),
                self._remedy,
            )
        )

    @property
    def _remedy(self) -> str:
        return _("`{prog} --help` lists what there is.", prog=self.prog)


class _Formatter(argparse.HelpFormatter):
    """A help text that begins in the reader's language."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _("usage") + ": " if prefix is None else prefix)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _meant(word: str, choices: Iterable[str]) -> str:
    from difflib import get_close_matches  # takes milliseconds, and only an error needs it

    close = get_close_matches(word, list(choices), n=1, cutoff=0.7)
    return _("Did you mean {close}?", close=close[0]) if close else ""
