"""Reads CSV as a stream: one row at a time, a wrong row is a row with a problem and never a crash."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Literal, NamedTuple

from huikuan.importing.encoding import FileFacts, inspect_file, open_raw, text_of
from huikuan.importing.errors import Code, ImportFileError, Problem, shorten
from huikuan.importing.mapping import DELIMITERS, ImportMapping

__all__ = ["CsvFile", "RawRow", "sniff_delimiter"]

MAX_LINE = 1 << 20
SAMPLE = 1 << 16
SAMPLE_ROWS = 20


class RawRow(NamedTuple):
    """A row as read. With a ``problem`` the cells may be too few, too many or shifted."""

    number: int
    cells: list[str]
    problem: Problem | None


class _Lines:
    """The lines of a text; remembers those of the current row so that they can be read again."""

    def __init__(self, stream: IO[str]) -> None:
        self._readline = stream.readline
        self._again: deque[str] = deque()
        self.of_row: list[str] = []
        self.overlong = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._readline(MAX_LINE)
        if not line:
            raise StopIteration
        if len(line) >= MAX_LINE and not line.endswith(("\n", "\r")):
            self._pass_over()
            line = "\n"
        self.of_row.append(line)
        return line

    def _pass_over(self) -> None:
        self.overlong = True
        while (part := self._readline(MAX_LINE)) and not part.endswith(("\n", "\r")):
            pass

    def begin_row(self) -> None:
        self.of_row.clear()
        self.overlong = False

    def unread_all_but_first(self) -> None:
        """After a quote that never closes: only its own line is lost, not those it swallowed."""
        self._again.extendleft(reversed(self.of_row[1:]))


class CsvFile:
    """A CSV file whose encoding, delimiter and header are known; ``rows()`` can be called repeatedly."""

    def __init__(
        self,
        path: Path,
        mapping: ImportMapping | None = None,
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
    ) -> None:
        mapping = mapping or ImportMapping()
        self.path = path
        self.quote = mapping.quote
        self.facts: FileFacts = inspect_file(path, encoding=encoding, fallback=mapping.encoding)
        with open_raw(path) as raw, text_of(raw, self.facts.encoding) as stream:
            sample = stream.read(SAMPLE)
        declared, self._skip_first = _excel_separator(sample)
        if self._skip_first:
            sample = sample.split("\n", 1)[-1]
        self.delimiter = delimiter or mapping.delimiter or declared or sniff_delimiter(sample, self.quote)
        self.header: tuple[str, ...] = ()
        self._named = 0
        self._fraction: Callable[[], float] = lambda: 0.0
        self._read_header()

    @property
    def fraction(self) -> float:
        """How much of the file the current pass has read, 0 to 1."""
        return self._fraction()

    def rows(self) -> Iterator[RawRow]:
        """Every row after the header that is not blank."""
        rows = self._records()
        next(rows, None)
        yield from rows

    def _read_header(self) -> None:
        with closing(self._records()) as rows:
            first = next(rows, None)
        if first is None:
            raise ImportFileError(f"The file {self.path} is empty; its first row must name the columns.")
        if first.problem is not None:
            raise ImportFileError(f"The header of {self.path} cannot be read: {first.problem.message}")
        self.header = tuple(cell.strip() for cell in first.cells)
        self._named = max((at for at, name in enumerate(self.header, 1) if name), default=0)

    def _records(self) -> Generator[RawRow, None, None]:
        with open_raw(self.path) as raw, text_of(raw, self.facts.encoding) as stream:
            if raw.stamp != self.facts.stamp:
                raise ImportFileError(f"The file {self.path} changed while it was being read; start again.")
            self._fraction = lambda: raw.fraction
            try:
                if self._skip_first:
                    stream.readline()
                yield from self._parse(_Lines(stream))
            finally:
                self._fraction = lambda: 1.0

    def _parse(self, lines: _Lines) -> Iterator[RawRow]:
        reader = csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=_quoting(self.quote),
            strict=True,
        )
        has_nul = self.facts.has_nul
        number = 0
        while True:
            lines.begin_row()
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = _csv_problem(number, lines.of_row, error)
                lines.unread_all_but_first()
                yield RawRow(number, [], problem)
                continue
            width = len(self.header)
            if len(cells) == width and not has_nul and not lines.overlong:
                if any(cells):
                    yield RawRow(number, cells, None)
            elif (row := self._doubtful(number, cells, lines)) is not None:
                yield row

    def _doubtful(self, number: int, cells: list[str], lines: _Lines) -> RawRow | None:
        width = len(self.header)
        while width and len(cells) > width and not cells[-1].strip():
            cells.pop()
        if self._named <= len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        if lines.overlong:
            message = f"The line has more than {MAX_LINE:,} characters."
            return RawRow(number, [], Problem(number, None, Code.LINE_TOO_LONG, message))
        if not any(cells):
            return None
        if any("\0" in cell for cell in cells):
            at = next(index for index, cell in enumerate(cells) if "\0" in cell)
            column = self.header[at] if at < width else None
            message = "The value holds a NUL character; remove it."
            return RawRow(number, cells, Problem(number, column, Code.NUL_CHARACTER, message, shorten(cells[at])))
        if not width or len(cells) == width:
            return RawRow(number, cells, None)
        problem = self._width_problem(number, cells, lines)
        if len(lines.of_row) > 1:
            lines.unread_all_but_first()
        return RawRow(number, cells, problem)

    def _width_problem(self, number: int, cells: list[str], lines: _Lines) -> Problem:
        count, width = len(cells), len(self.header)
        text = shorten(lines.of_row[0])
        if count < width:
            message = f"The row has {count} fields; the header has {width}."
            return Problem(number, None, Code.TOO_FEW_FIELDS, message, text)
        message = (
            f"The row has {count} fields; the header has {width}. "
            f"A value that holds {self.delimiter!r} must stand in quotes."
        )
        return Problem(number, None, Code.TOO_MANY_FIELDS, message, text)


def sniff_delimiter(sample: str, quote: str = '"') -> str:
    """The one of , ; tab | under which most rows of the sample are as wide as its header."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter, quote)
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(sample: str, delimiter: str, quote: str) -> list[int]:
    widths: list[int] = []
    reader = csv.reader(
        io.StringIO(sample, newline=""), delimiter=delimiter, quotechar=quote or None, quoting=_quoting(quote)
    )
    try:
        for cells in reader:
            if cells:
                widths.append(len(cells))
            if len(widths) > SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    return widths if len(widths) < 2 else widths[:-1]


def _quoting(quote: str) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE


def _excel_separator(sample: str) -> tuple[str | None, bool]:
    """Excel's own first line ``sep=;``."""
    first = sample[:8].splitlines()[0].strip().lower() if sample else ""
    if len(first) == 5 and first.startswith("sep=") and first[4] in DELIMITERS:
        return first[4], True
    return None, False


def _csv_problem(number: int, lines: list[str], error: csv.Error) -> Problem:
    text = shorten(lines[0]) if lines else ""
    if "field larger" in str(error):
        limit = csv.field_size_limit()
        message = f"A field has more than {limit:,} characters; most often a closing quote is missing."
        return Problem(number, None, Code.FIELD_TOO_LONG, message, text)
    message = 'The quotes do not fit: close each quote that opens a field, and write " within quotes as "".'
    return Problem(number, None, Code.BAD_QUOTES, message, text)
