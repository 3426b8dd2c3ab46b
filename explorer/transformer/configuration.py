"""The sizes and switches of a transformer."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.bounds import NORMS, POOLINGS
from explorer.transformer.recipe_bounds import MOST_D_FF, MOST_D_MODEL, MOST_HEADS, MOST_LABELS, MOST_LAYERS


@dataclass(frozen=True)
class Configuration:
    """The sizes and switches of a transformer. Raises UserError where they do not fit together."""

    d_model: int  # numbers in the vector of a token
    heads: int = 2  # of each attention, which share the numbers of a vector
    layers: int = 2  # encoder blocks, and as many decoder blocks
    d_ff: int | None = None  # width of the feed-forward layers; 4 d_model, as in the paper, where None
    norm: str = "post"  # whether a sublayer is normalised after it is added, or "pre", before
    activation: str = "relu"  # of the feed-forward layers; or "gelu"
    positions: str = "sinusoidal"  # the encodings of places; or "learned"
    scaled: bool = False  # whether token embeddings are multiplied by √d_model (section 3.4)
    tied: bool = False  # whether the output layer's weights are the target's embedding table
    dropout: float = 0.0  # the share of the numbers that an update leaves out
    source_words: int = 0  # sizes of the vocabularies; 0 where vectors come from outside
    target_words: int = 0
    longest: int = 64  # tokens a sentence may have
    source_width: int = (
        0  # columns of the table that is read where a projection brings them to d_model; 0 is without one
    )
    labels: int = 0  # how many a classifier tells apart; 0 is a translator
    pooling: str = "mean"  # what makes one vector of a classifier's text; or "first", or "attention"

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            size = getattr(self, name)
            least = 0 if name.startswith(("source", "target", "labels")) else 1
            if name == "d_ff" and size is None:
                continue
            if not isinstance(size, int) or isinstance(size, bool) or not least <= size <= most:
                raise UserError(
                    _(
                        "{name} is {size}, but must be a whole number from {least} to {most:,}.",
                        name=name,
                        size=size,
                        least=least,
                        most=most,
                    )
                )
        if self.d_model % self.heads:
            divisors = [n for n in range(1, min(self.d_model, 16) + 1) if self.d_model % n == 0]
            raise UserError(
                _(
                    "{heads} heads do not divide d_model = {d_model} evenly. Take a number of heads that does: {map}.",
                    heads=self.heads,
                    d_model=self.d_model,
                    map=", ".join(map(str, divisors)),
                )
            )
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise UserError(
                    _(
                        "{name} is “{value}”, but must be {choices}.",
                        name=name,
                        value=getattr(self, name),
                        choices=" or ".join(choices),
                    )
                )
        for name in ("scaled", "tied"):
            if not isinstance(getattr(self, name), bool):
                raise UserError(
                    _("{name} is “{value}”, but must be true or false.", name=name, value=getattr(self, name))
                )
        if not (isinstance(self.dropout, (int, float)) and 0 <= self.dropout < 1):
            raise UserError(_("dropout is {dropout}, but must be at least 0 and less than 1.", dropout=self.dropout))

    @property
    def hidden(self) -> int:
        """The width of the feed-forward layer."""
        return 4 * self.d_model if self.d_ff is None else self.d_ff

    @property
    def is_language_model(self) -> bool:
        """Whether there is nothing but a target: a decoder alone, whose words follow from those before them."""
        return self.target_words > 0 and not self.source_words

    def width(self, side: str) -> int:
        """Columns of a side's table where a projection brings them to d_model, 0 where none does: that of the source,
        or of a language model's only table."""
        return self.source_width if side == "source" or self.is_language_model else 0


_MOST = {
    "d_model": MOST_D_MODEL,
    "heads": MOST_HEADS,
    "layers": MOST_LAYERS,
    "d_ff": MOST_D_FF,
    "longest": 4096,
    "source_words": 1_000_000,
    "target_words": 1_000_000,
    "source_width": MOST_D_MODEL,
    "labels": MOST_LABELS,
}
_CHOICES = {
    "norm": NORMS,
    "activation": ("relu", "gelu"),
    "positions": ("sinusoidal", "learned"),
    "pooling": POOLINGS,
}
