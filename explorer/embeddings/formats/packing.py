"""Packed files, unpacked on the way: gzip, xz, bzip2, Zstandard, and a zip or tar archive of one file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO, cast

from explorer.embeddings.formats.forwards import PIECE, stream_of
from explorer.embeddings.formats.others import named_in
from explorer.errors import UserError, named
from explorer.texts import _

LAYERS = 3  # a file may be packed in another that is packed: vectors.tar.gz
_LOOKED_AT = 6  # files of a tar archive, which has no list of them
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins one without files
_ABOUT = re.compile(r"(?i)(?:read[-_]?me|licen[cs]e|copying)(?:\.\w+)?|meta\.json")  # texts beside vectors
_OF_THE_SYSTEM = ("__MACOSX/", ".DS_Store", "._")  # what a Mac packs beside the files


class _Lent:
    """A file for Arrow to read, which closes what it was given when it lets go of it."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read

    def close(self) -> None:
        """Leave it open."""


def _zstandard(file: BinaryIO) -> BinaryIO:
    """A stream that Arrow unpacks, which reads forwards only."""

    def pieces() -> Iterator[bytes]:
        import pyarrow  # an eighth of a second, and only who has such a file needs it

        file.seek(0)
        unpacking = pyarrow.CompressedInputStream(pyarrow.PythonFile(_Lent(file), mode="r"), "zstd")
        while piece := unpacking.read(PIECE):
            yield piece

    return stream_of(pieces)


_UNPACK: dict[bytes, tuple[str, Callable[[BinaryIO], BinaryIO | None]]] = {
    b"\x1f\x8b": ("gzip", lambda file: cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb"))),
    b"\xfd7zXZ\x00": ("xz", lambda file: cast(BinaryIO, lzma.LZMAFile(file))),  # noqa: SIM115  it ends with its file
    b"BZh": ("bzip2", lambda file: cast(BinaryIO, bz2.BZ2File(file))),
    b"\x28\xb5\x2f\xfd": ("Zstandard", _zstandard),
}
PACKINGS = (*(title for title, _unpack in _UNPACK.values()), "a zip or tar archive of one file")
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, NotImplementedError, zlib.error)


def unpacked(file: BinaryIO, name: str) -> tuple[BinaryIO, list[str]]:
    """The unpacked stream of a file, and how it was packed, the outermost first.

    An archive of NumPy arrays stays as it is. Raises UserError for an archive of several files, which names them.
    """
    stream, packed = file, list[str]()
    while True:
        stream.seek(0)
        head = stream.read(512)
        stream.seek(0)
        layer = next((layer for beginning, layer in _UNPACK.items() if head.startswith(beginning)), None)
        if layer is None and head.startswith(_ZIP):
            if packed:  # its list of files is at its end, which packed streams do not go to
                raise UserError(
                    _("{name} is a zip archive in another: unpack it, and import the file in it.", name=name)
                )
            layer = "zip", lambda file: _zipped(file, name)
        elif layer is None and head[257:262] == b"ustar":
            layer = "tar", lambda file: _tarred(file, name)
        if layer is None or (inner := layer[1](stream)) is None:
            return stream, packed
        packed.append(layer[0])
        if len(packed) > LAYERS:
            raise UserError(_("{name} is packed more than {layers} times: unpack it first.", name=name, layers=LAYERS))
        stream = inner


def _zipped(stream: BinaryIO, name: str) -> BinaryIO | None:
    """The one file in a zip archive, None where it holds NumPy's arrays."""
    archive = zipfile.ZipFile(stream)
    members = [each for each in archive.infolist() if _is_file(each.filename, each.filename.endswith("/"))]
    names = [member.filename for member in members]
    if names and all(each.endswith(".npy") for each in names):
        return None
    if other := named_in(names):
        raise UserError(other.sentence(name))
    member = members[names.index(_only(names, name))]
    if member.flag_bits & 1:
        raise UserError(_("{name} is a zip archive with a password: unpack it, and import the file in it.", name=name))
    return cast(BinaryIO, archive.open(member))


def _tarred(stream: BinaryIO, name: str) -> BinaryIO:
    archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115  it ends with its stream
    files = (each for each in archive if each.isfile() and _is_file(each.name, False))
    members = list(islice(files, _LOOKED_AT))
    names = [member.name for member in members]
    return cast(BinaryIO, archive.extractfile(members[names.index(_only(names, name))]))


def _is_file(name: str, is_folder: bool) -> bool:
    last = name.rpartition("/")[2]
    return not is_folder and not name.startswith(_OF_THE_SYSTEM) and not last.startswith(_OF_THE_SYSTEM)


def _only(names: list[str], archive: str) -> str:
    """The one file of vectors; beside it there may be texts about it, and the same vectors as text (NLPL)."""
    vectors = [each for each in names if not _ABOUT.fullmatch(each.rpartition("/")[2])]
    binary = [each for each in vectors if each.endswith(".bin")]
    if len(binary) == 1 and {each.rpartition(".")[0] for each in vectors} == {binary[0].removesuffix(".bin")}:
        vectors = binary
    if len(vectors) != 1:
        raise UserError(
            _(
                "{name} is an archive of {count} files ({names}): unpack it, and import the file of vectors in it.",
                name=archive,
                count=len(names),
                names=named(names),
            )
            if names
            else _("{name} is an archive without a file in it.", name=archive)
        )
    return vectors[0]
