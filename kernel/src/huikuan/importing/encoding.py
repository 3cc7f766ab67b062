"""Opens the file, finds its encoding and reads it through once, before anything is written."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from huikuan.importing.errors import ImportFileError

__all__ = ["FileFacts", "RawFile", "inspect_file", "open_raw", "text_of"]

CHUNK = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive; save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save the sheet as CSV (UTF-8)"),
    (b"%PDF", "a PDF"),
    (b"BZh", "compressed with bzip2; unpack it or use gzip"),
    (b"\xfd7zXZ", "compressed with xz; unpack it or use gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it or use gzip"),
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What reading the file through once has shown. ``sha256`` is of the unpacked content."""

    path: Path
    encoding: str
    sha256: str
    has_nul: bool
    stamp: tuple[int, int]


@dataclass(slots=True)
class RawFile:
    """An open file: ``content`` is unpacked, ``packed`` tells how far it has been read."""

    content: IO[bytes]
    packed: IO[bytes]
    size: int
    stamp: tuple[int, int]

    @property
    def fraction(self) -> float:
        return min(self.packed.tell() / self.size, 1.0) if self.size else 1.0


@dataclass(frozen=True, slots=True)
class _Undecodable:
    offset: int
    line: int
    byte: int


@contextmanager
def open_raw(path: Path) -> Iterator[RawFile]:
    """The file's bytes, unpacked if it is gzip (whatever its name)."""
    try:
        packed = path.open("rb")
    except OSError as error:
        raise ImportFileError(f"The file {path} cannot be read: {error.strerror}.") from None
    with packed:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise ImportFileError(f"{path} is not a regular file; the import reads it more than once. Save it first.")
        zipped = packed.peek(2)[:2] == b"\x1f\x8b"
        content = cast("IO[bytes]", gzip.GzipFile(fileobj=packed)) if zipped else packed
        stamp = (info.st_size, info.st_mtime_ns)
        try:
            yield RawFile(content, packed, info.st_size, stamp)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ImportFileError(f"The gzip file {path} is damaged ({error}); fetch it again.") from None


def inspect_file(path: Path, *, encoding: str | None = None, fallback: str | None = None) -> FileFacts:
    """Find the encoding: a byte order mark, else ``encoding`` as demanded, else UTF-8, else ``fallback``.

    UTF-8 comes before the mapping's fallback because text in another encoding is hardly ever valid
    UTF-8 by chance; what the user demands for this one file comes before both.
    """
    with open_raw(path) as raw:
        head = raw.content.read(4096)
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise ImportFileError(f"{path} is {what}.")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    wanted = marked or encoding
    if wanted is None and head.count(0) * 3 > len(head):
        raise ImportFileError(f"{path} looks like UTF-16 without a byte order mark; give --encoding utf-16-le.")
    candidates = [wanted] if wanted else ["utf-8", *([fallback] if fallback else [])]
    found: FileFacts | _Undecodable | None = None
    for candidate in candidates:
        found = _read_through(path, candidate)
        if isinstance(found, FileFacts):
            return found
    assert isinstance(found, _Undecodable)
    raise ImportFileError(_undecodable(path, candidates[-1], found, demanded=wanted or fallback))


def _read_through(path: Path, encoding: str) -> FileFacts | _Undecodable:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    digest = hashlib.sha256()
    done, lines, has_nul = 0, 1, False
    with open_raw(path) as raw:
        while True:
            chunk = raw.content.read(CHUNK)
            pending = decoder.getstate()[0]
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                whole = pending + chunk
                line = lines + whole.count(b"\n", 0, error.start)
                return _Undecodable(done - len(pending) + error.start, line, whole[error.start])
            has_nul = has_nul or "\0" in text
            digest.update(chunk)
            done += len(chunk)
            lines += chunk.count(b"\n")
            if not chunk:
                return FileFacts(path, encoding, digest.hexdigest(), has_nul, raw.stamp)


def _undecodable(path: Path, encoding: str, at: _Undecodable, *, demanded: str | None) -> str:
    where = f"byte 0x{at.byte:02X} at offset {at.offset:,} (line {at.line:,}) of {path}"
    if demanded:
        return f"The file is not {encoding} text: {where}. Give its real encoding with --encoding."
    return (
        f"The file is not UTF-8 text: {where}. Save it as UTF-8, or give its encoding with "
        f"--encoding or in the mapping: cp1252 (western Excel), gb18030 (Chinese), shift_jis (Japanese)."
    )


def text_of(raw: RawFile, encoding: str) -> io.TextIOWrapper:
    """The text, with line ends as they are: the CSV reader tells those within quotes apart."""
    return io.TextIOWrapper(raw.content, encoding=encoding, newline="")
