"""Kim 2014's table of sentence classification beside the same seven data sets in the runs that came along: of our
transformer, and of his own network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass, fields, replace
from functools import cached_property
from typing import Any

from explorer.answers import Answer, Table
from explorer.initialisation import library
from explorer.initialisation.plan_checks import CNN, NETWORKS, TRANSFORMER
from explorer.initialisation.together import FEWEST, Together
from explorer.initialisation.words import listed
from explorer.texts import _, _n

ARMS = ("rand", "static", "non-static")
KIM = {
    "MR": (76.1, 81.0, 81.5),
    "SST-1": (45.0, 45.5, 48.0),
    "SST-2": (82.7, 86.8, 87.2),
    "Subj": (89.6, 93.0, 93.4),
    "TREC": (91.2, 92.8, 93.6),
    "CR": (79.8, 84.7, 84.3),
    "MPQA": (83.4, 89.6, 89.5),
}
"""Percentages that are right, of each of ARMS (table 2 of Kim 2014)."""
AGREES, NOT_SHOWN, OPPOSITE = "agrees", "not shown", "opposite"
HERE = {CNN: _("his network, here"), TRANSFORMER: _("our transformer, here")}
"""What each network's own runs are called beside the published numbers."""
_CALLED = {TRANSFORMER: _("our transformer"), CNN: _("Kim’s own network (CNN)")}


def comparison(data_set: str, network: str = TRANSFORMER) -> str:
    """What the comparison on a data set is called."""
    return f"kim-{data_set.lower()}{'' if network == TRANSFORMER else f'-{network}'}"


@dataclass(frozen=True)
class Row:
    """An arm on one data set, in % of the test sentences that are right; `gain` is its difference to rand."""

    set: str
    network: str  # that is trained here
    arm: str
    here: float
    low: float
    high: float
    published: float
    gain: float | None  # None for rand itself
    gain_low: float | None
    gain_high: float | None
    gain_published: float | None
    verdict: str  # whether the gain is shown here to the side that is published


class BesidePublished(Answer):
    """The seven sets, as far as their runs are at hand, with each of NETWORKS."""

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for name in KIM for network in NETWORKS for row in _rows(name, network))

    @property
    def headline(self) -> str:
        """How many of the published gains are found again."""
        return " ".join(self._found_again(network) for network in self._networks)

    @property
    def _networks(self) -> list[str]:
        """Those that have runs."""
        return [network for network in NETWORKS if any(row.network == network for row in self.rows)]

    def _found_again(self, network: str) -> str:
        gains = [row for row in self.rows if row.gain is not None and row.network == network]
        sets = {row.set for row in gains}
        agreeing = [row for row in gains if row.verdict == AGREES]
        return _n(
            "With {network}, on {sets} of {all} data sets of Kim 2014, {count} of {gains} published differences to "
            "random vectors is significant on its own, to the same side.",
            "With {network}, on {sets} of {all} data sets of Kim 2014, {count} of {gains} published differences to "
            "random vectors are significant on their own, to the same side.",
            len(agreeing),
            network=_CALLED[network],
            sets=len(sets),
            all=len(KIM),
            gains=len(gains),
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        for network in self._networks:
            yield from self._of_network(network)
        yield _(
            "Kim’s network has windows of 3, 4 and 5 words with 100 filters each and Word2Vec’s vectors of 300 "
            "dimensions from 100 billion words. Our transformer is an encoder of one layer with 48 dimensions, and "
            "vectors of a small part of Wikipedia that PCA brought to as many. Kim trained on SST’s phrases as well, "
            "here it is its sentences alone."
        )
        if CNN in self._networks:
            yield _(
                "Kim’s own network has these vectors here, all 300 dimensions of them, Adam with a searched learning "
                "rate where he has Adadelta, and one column of vectors."
            )

    def _of_network(self, network: str) -> Iterator[str]:
        called = _CALLED[network]
        at_hand = [name for name in KIM if comparison(name, network) in library.names()]
        if len(at_hand) >= FEWEST:
            summaries = [library.summary(comparison(name, network)) for name in at_hand]
            answers = [Together(summaries, arm, "accuracy").headline for arm in ARMS[1:]]
            yield " ".join((_("The runs of {network} are pooled.", network=called), *answers))
        for verdict, what in (
            (NOT_SHOWN, _("Not shown with {network}: {arms}.")),
            (OPPOSITE, _("Opposite with {network}: {arms}.")),
        ):
            rows = [row for row in self.rows if (row.network, row.verdict) == (network, verdict)]
            if arms := [_("{arm} on {set}", arm=row.arm, set=row.set) for row in rows]:
                yield what.format(network=called, arms=listed(arms))
        if missing := [name for name in KIM if name not in at_hand]:
            yield _n(
                "{names} has no runs with {network}.",
                "{names} have no runs with {network}.",
                len(missing),
                names=listed(missing),
                network=called,
            )

    def beside(self) -> Table:
        """Of each data set what is published, and beneath it what each network has here, with its intervals; bold, as
        Markdown has it, is shown to differ from rand."""
        lines: list[tuple[str, ...]] = []
        for name, published in KIM.items():
            lines.append((name, _("published"), *(f"{number:.1f}%" for number in published)))
            for network, called in HERE.items():
                if cells := [_cell(row) for row in self.rows if (row.set, row.network) == (name, network)]:
                    lines.append(("", called, *cells))
        return Table((_("data set"), _("results"), *ARMS), tuple(lines))

    def as_json(self) -> dict[str, Any]:
        return {
            "answer": self.headline,
            "sentences": list(self.sentences),
            "rows": [asdict(row) for row in self.rows],
        }

    def table(self) -> Table:
        return Table(tuple(each.name for each in fields(Row)), tuple(map(astuple, self.rows)))


def _rows(data_set: str, network: str) -> Iterator[Row]:
    name = comparison(data_set, network)
    if name not in library.names():
        return
    summary = library.summary(name)
    (share,) = summary.plan.sizes
    spreads = {row.arm: row.values["accuracy"] for row in summary.arms(share) if row.values}
    compared = {each.arm: each for each in summary.comparisons("accuracy", share)}
    published = dict(zip(ARMS, KIM[data_set], strict=True))
    for arm in filter(spreads.__contains__, ARMS):
        spread, gain = spreads[arm], published[arm] - published["rand"]
        low, high = (
            spread.mean if spread.low is None else spread.low,
            spread.mean if spread.high is None else spread.high,
        )
        here = (100 * spread.mean, 100 * low, 100 * high)
        row = Row(data_set, network, arm, *here, published[arm], None, None, None, None, "")
        if own := compared.get(arm):
            verdict = NOT_SHOWN if not own.is_significant else AGREES if own.difference * gain > 0 else OPPOSITE
            row = replace(
                row,
                gain=100 * own.difference,
                gain_low=100 * own.low,
                gain_high=100 * own.high,
                gain_published=round(gain, 1),
                verdict=verdict,
            )
        yield row


def _cell(row: Row) -> str:
    mean = f"{row.here:.1f}%"
    is_shown = row.verdict not in ("", NOT_SHOWN)
    return f"{f'**{mean}**' if is_shown else mean} ({row.low:.1f} to {row.high:.1f})"
