"""The input embeddings of a language model: a table in a safetensors file, and the tokens of its tokenizer.json.

The header of safetensors (github.com/huggingface/safetensors, “Format”) is read here, for its library maps files by
their paths alone and has no NumPy type for bfloat16, in which most language models are kept.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.rows import MOST_WORDS, Block, VectorFile, whole
from explorer.embeddings.formats.source import FormatError, Source
from explorer.texts import _, _n

_LONGEST_HEADER = 2**25  # bytes
_LARGEST_TOKENIZER = 2**28
_TABLES = ("embed_tokens.weight", "wte.weight", "word_embeddings.weight", "embed_in.weight", "tok_embeddings.weight",
           "shared.weight", "embedding.weight", "embeddings.weight", "embeddings")  # fmt: skip
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


class TokensFile(VectorFile):
    """The rows of a table (n, d) of the type `kind` at `start`, each of a token."""

    format = "safetensors with a tokenizer"

    def __init__(self, source: Source, tokens: list[str], start: int, dimensions: int, kind: str) -> None:
        super().__init__(source, dimensions)
        self._tokens, self._start, self._kind = tokens, start, kind

    def _share(self, rows: int) -> float:
        return rows / len(self._tokens)

    def _blocks(self) -> Iterator[Block]:
        self.source.stream.seek(self._start)
        dtype = np.dtype(_TYPES[self._kind])
        for first in range(0, len(self._tokens), self.rows_at_a_time):
            tokens = self._tokens[first : first + self.rows_at_a_time]
            data = self.source.read(len(tokens) * self.dimensions * dtype.itemsize)
            numbers = np.frombuffer(data, dtype=dtype).reshape(len(tokens), self.dimensions)
            rows = [place for place, token in enumerate(tokens) if token]  # tables are padded to a round number
            yield Block([tokens[place] for place in rows], _floats(numbers[rows]), [first + place for place in rows])


def _floats(numbers: Array) -> Array:
    if numbers.dtype == np.uint16:  # bfloat16 is the first half of a float32
        return (numbers.astype("<u4") << 16).view("<f4")
    with np.errstate(over="ignore"):
        return numbers.astype("<f4")


def read_head(source: Source, metadata: Path | None) -> TokensFile | None:
    """The file as safetensors with a table of tokens, or None where it is something else."""
    head = source.head()
    if len(head) < 10 or head[8:9] != b"{":
        return None
    (size,) = struct.unpack("<Q", head[:8])
    if not 2 <= size <= _LONGEST_HEADER:
        return None
    source.stream.seek(8)
    try:
        tensors: dict[str, Any] = json.loads(source.read(size))
        tables = {
            name: tensor
            for name, tensor in tensors.items()
            if name != "__metadata__" and len(tensor["shape"]) == 2 and tensor["dtype"] in _TYPES
        }
        chosen = [name for ending in _TABLES for name in tables if name == ending or name.endswith(f".{ending}")]
        chosen = chosen or (list(tables) if len(tables) == 1 else [])
        table = tables[chosen[0]] if chosen else None
        rows, dimensions = (int(axis) for axis in table["shape"]) if table else (0, 0)
        begin, end = (int(offset) for offset in table["data_offsets"]) if table else (0, 0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FormatError(
            _("{name} is a safetensors file whose header is damaged. Get the file again.", name=source.name)
        ) from error
    if table is None:
        raise FormatError(
            _(
                "{name} is a safetensors file without a table of embeddings that is known: of {count} tensors, none is "
                "called …{names}.",
                name=source.name,
                count=len(tensors),
                names=", …".join(_TABLES[:3]),
            )
        )
    itemsize = np.dtype(_TYPES[table["dtype"]]).itemsize
    if not 0 < rows <= MOST_WORDS or begin < 0 or end - begin != rows * dimensions * itemsize:
        raise FormatError(_("{name} is damaged: its parts do not fit together. Get the file again.", name=source.name))
    tokens = _tokens(_tokenizer(metadata, source), rows, source)
    source.report.say(
        _n(
            "The {count:,} word is a token of a language model, with its input embedding “{table}”: a piece of a word, "
            "in which Ġ or ▁ stands for a space before it and ## for none.",
            "The {count:,} words are tokens of a language model, with their input embeddings “{table}”: pieces of "
            "words, in which Ġ or ▁ stands for a space before them and ## for none.",
            sum(map(bool, tokens)),
            table=chosen[0],
        )
    )
    return TokensFile(source, tokens, 8 + size + begin, dimensions, table["dtype"])


def _tokenizer(metadata: Path | None, source: Source) -> Path:
    beside = (source.path.with_name(name) for name in ("tokenizer.json", "vocab.json", "vocab.txt"))
    path = metadata or next((path for path in beside if path.is_file()), None)
    if path is None or not path.is_file():
        raise FormatError(
            _(
                "{name} has tensors of a language model. Give its tokenizer.json, which has the words of its input "
                "embeddings (on the command line: --metadata tokenizer.json).",
                name=source.name,
            )
        )
    return path


def _tokens(path: Path, rows: int, source: Source) -> list[str]:
    """The token of each row, an empty one where there is none."""
    try:
        if path.stat().st_size > _LARGEST_TOKENIZER:
            raise ValueError
        content = _content(path)
        vocabulary = content["model"]["vocab"]
        pieces = (
            {str(piece): row for row, (piece, _score) in enumerate(vocabulary)}
            if isinstance(vocabulary, list)
            else dict(vocabulary)
        )
        is_bytes = "ByteLevel" in json.dumps([content.get("pre_tokenizer"), content.get("decoder")])
        tokens = {int(row): _readable(piece) if is_bytes else piece for piece, row in pieces.items()}
        tokens |= {int(added["id"]): str(added["content"]) for added in content.get("added_tokens") or ()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FormatError(
            _(
                "{name} is no tokenizer.json or vocabulary as Hugging Face writes it: a list of tokens with their "
                "numbers is needed.",
                name=path.name,
            )
        ) from error
    if not tokens or min(tokens) < 0 or max(tokens) >= rows:
        raise FormatError(
            _(
                "{tokenizer} has {tokens:,} tokens, but {name} {rows:,} embeddings: they do not belong together.",
                tokenizer=path.name,
                tokens=len(tokens),
                name=source.name,
                rows=rows,
            )
        )
    return [whole(tokens.get(row, "")).replace("\n", "\\n") for row in range(rows)]


def _content(path: Path) -> dict[str, Any]:
    """What a tokenizer.json holds; for a vocabulary, as a list of lines or in JSON, what would stand there."""
    text = path.read_text(encoding="utf-8-sig")
    if not text.lstrip().startswith("{"):
        return {"model": {"vocab": {token: row for row, token in enumerate(text.split("\n")) if token}}}
    content: dict[str, Any] = json.loads(text)
    if "model" in content and isinstance(content["model"], dict):
        return content
    if not content or not all(type(row) is int for row in content.values()):
        raise ValueError
    return {"model": {"vocab": content}, "decoder": "ByteLevel" if any("Ġ" in piece for piece in content) else ""}


def _readable(piece: str) -> str:
    """A token of bytes, each written as one letter (Radford et al. 2019), in the letters that they are."""
    letters = _letters()
    if any(letter not in letters for letter in piece):
        return piece
    text = bytes(letters[letter] for letter in piece).decode(errors="backslashreplace")
    return text.replace(" ", "Ġ")


@cache
def _letters() -> dict[str, int]:
    """The byte for which a letter stands: printable ones for themselves, the others from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(0x100) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + place): byte for place, byte in enumerate(rest)}
