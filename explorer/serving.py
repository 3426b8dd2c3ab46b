"""How the app is served: the options of `explorer serve`, each of them a variable of the environment as well, such as
EXPLORER_OPEN for --open, and a key of a configuration file. `explorer.access.rights` says from them who may do what."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Container, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from explorer.errors import UserError, cut
from explorer.questions import parameter
from explorer.questions.parameter import Parameter
from explorer.questions.question import Question
from explorer.texts import _
from explorer.toml_text import read_toml

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")  # headers by which a proxy says for whom it asks


class Serving(Question):
    """Start the app and print its address."""

    name = "serve"
    config: Path | None = parameter.file(
        None,
        _(
            "a file in TOML with these options, such as port = 8501; the command line and the environment count "
            "before it"
        ),
    )
    host: str = parameter.text(
        "localhost",
        _("where to listen: an address of this machine, or 0.0.0.0 for all of them (localhost is this machine alone)"),
        longest=255,
    )
    port: int = parameter.whole(8501, 1, 65_535, _("where to listen"))
    open: bool = parameter.flag(
        _("visitors from other machines may import, delete, train and write talks; otherwise they only ask")
    )
    closed: bool = parameter.flag(
        _("nobody may do so, not even from this machine: for a server that a proxy on this machine makes public")
    )
    login: Path | None = parameter.file(
        None,
        _(
            "a file in TOML that says by which OpenID provider people log in, see docs/service.md; who has not logged "
            "in is told nothing then, from wherever they come"
        ),
    )
    administrators: str | None = parameter.text(
        None,
        _(
            "who of those who log in administers: addresses of mail, or claim=value as the provider says it, with "
            "commas between them"
        ),
        longest=10_000,
        example="ada@example.org, groups=words",
    )
    workers: int = parameter.whole(
        1, 1, 64, _("processes that share the visitors; they map the same models, so a copy is in memory once")
    )
    requests: int = parameter.whole(
        600, 0, 1_000_000, _("requests a minute that the API answers to one address elsewhere; 0 for any number")
    )
    seconds: int = parameter.whole(
        120, 0, 1_000_000, _("how long a question from elsewhere may be computed; 0 for as long as it takes")
    )
    jobs: int = parameter.whole(
        2,
        1,
        1_000,
        _(
            "imports, downloads, comparisons, explanations of them, maps and trainings that may run. Further jobs "
            "of visitors from elsewhere wait."
        ),
    )
    minutes: int = parameter.whole(
        0,
        0,
        1_000_000,
        _(
            "how long an import, download, comparison, explanation, map or training of somebody elsewhere may take; 0 "
            "for any time"
        ),
    )
    job_memory: int = parameter.whole(
        0,
        0,
        100_000_000,
        _("how much memory of its own each process of a job may take, mapped models apart; 0 for any amount"),
        unit="MB",
    )
    upload: int = parameter.whole(
        1024, 1, 1_000_000, _("how large an uploaded file may be: it is held in memory"), unit="MB"
    )
    disk: int = parameter.whole(
        0, 0, 100_000_000, _("how large the models of one visitor elsewhere may be together; 0 for any size"), unit="MB"
    )
    memory: int = parameter.whole(
        0, 0, 100_000_000, _("how large the open models of a process may be together; 0 for any size"), unit="MB"
    )
    grace: int = parameter.whole(
        10, 0, 3_600, _("how long answers in flight may take when the server is told to end"), unit=_("seconds")
    )
    engine: str | None = parameter.text(
        None,
        _(
            "the engine whose models are served beside those of this machine: http://host:19530, or a file that ends "
            "in .db; its token stands in EXPLORER_ENGINE_TOKEN"
        ),
        longest=2_000,
        example="http://localhost:19530",
    )
    log: str | None = parameter.choice(
        None,
        ("none", "answers", "queries"),
        _(
            "what standard error gets a line of JSON about: nothing, each answer of the API, or its question as well; "
            "where left open: answers, or nothing when this machine alone is served"
        ),
    )

    def check(self) -> None:
        if self.open and self.closed:
            raise UserError(_("open and closed contradict each other: give only one."))
        if self.open and self.login:
            raise UserError(_("Who logs in may import and train already: leave open out."))
        if self.administrators and not self.login:
            raise UserError(_("Nobody logs in, so there are no administrators: give login as well."))
        if self.engine:
            from explorer.embeddings.engine.connection import at

            at(self.engine)
            if self.workers > 1 and self.engine.endswith(".db"):
                raise UserError(
                    _(
                        "One process at a time can have the file {engine} open. Take one worker, or an engine that is "
                        "a server.",
                        engine=cut(self.engine),
                    )
                )


def variable(setting: Parameter) -> str:
    """The environment variable of an option."""
    return f"EXPLORER_{setting.name.upper()}"


def in_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The options that the environment sets, with their texts; an empty variable sets none."""
    texts = {name: environment.get(variable(setting), "") for name, setting in Serving.parameters.items()}
    return {name: text for name, text in texts.items() if text}


def configured(file: Path | str) -> tuple[Serving, dict[str, str]]:
    """What a configuration file says: options, and folders by the names that `explorer.places` knows.

    Raises UserError for a file that cannot be read, and for a key or a value that none of them has.
    """
    from explorer.places import FOLDERS  # which needs a library that `explorer doctor` may find missing

    try:
        table: dict[str, Any] = {}
        for key, value in read_toml(Path(file), _("it")).items():
            name = key.replace("-", "_")  # as on the command line, or as in the environment
            if name in table:
                raise UserError(_("“{name}” is given twice, by two of its spellings: give it once.", name=cut(key)))
            table[name] = value
        folders = {name: table.pop(name) for name in FOLDERS if name in table}
        if wrong := [name for name, path in folders.items() if not isinstance(path, str) or not path]:
            raise UserError(_("{name} is no path in quotation marks.", name=wrong[0]))
        if others := [name for name in table if name not in Serving.parameters or name == "config"]:
            names = (name.replace("_", "-") for name in (*Serving.parameters, *FOLDERS) if name != "config")
            raise UserError(
                _("there is no option “{name}”. Take {known}.", name=cut(others[0]), known=", ".join(names))
            )
        return Serving(**table), folders
    except UserError as error:
        raise UserError(_("The configuration {file}: {problem}", file=file, problem=error)) from error


def chosen(options: Mapping[str, Any]) -> Serving:
    """What is served with these options; what they leave open says the environment, and then the configuration file.
    Raises UserError for a value that its option cannot have."""
    said = {name: Serving.parameters[name].read([text]) for name, text in in_environment().items()} | dict(options)
    file = configured(said["config"])[0].own_values if "config" in said else {}
    return Serving(**(file | said))


@cache
def settings() -> Serving:
    """The options of this process. Raises UserError for a variable with a value that its option cannot have."""
    return chosen({})


def is_loopback(address: str) -> bool:
    """Whether a server that listens at an address is reached from its own machine alone."""
    parsed = _parsed(address)
    return parsed.is_loopback if parsed else address == "localhost"


def household(address: str) -> str:
    """Who counts as one: an address, and of IPv6 its network, for one machine has as many addresses in it as it
    likes."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed or address)


@lru_cache(maxsize=4096)  # it is asked several times for each request
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address in numbers; one of IPv4 as such, also where IPv6 holds it, such as ::ffff:192.0.2.1."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def is_here(address: str | None, headers: Container[str]) -> bool:
    """Whether somebody who asks from an address sits at this machine.

    Whoever comes through a proxy is elsewhere: the address is then the proxy's, or what its headers say. So is who has
    none: the address is lost where somebody breaks off a connection, of which what came before is still read. Where
    people log in, their login counts alone.
    """
    is_near = address is not None and is_loopback(address) and not any(name in headers for name in FORWARDED)
    return is_near and not settings().login
