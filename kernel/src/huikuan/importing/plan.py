"""Fits a mapping to an importer and a file's header: which cell becomes which value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from huikuan.importing.convert import Converter, converter_for, neutral_value
from huikuan.importing.errors import ConversionError, MappingError, Problem, shorten
from huikuan.importing.mapping import ColumnMapping, ImportMapping, did_you_mean
from huikuan.importing.model import Column, Importer, Row
from huikuan.importing.reader import RawRow

__all__ = ["Plan", "Source", "describe_columns", "make_plan"]


class Source(NamedTuple):
    """One target column that is read from the file."""

    target: str
    header: str
    at: int
    converter: Converter


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How rows of one file are converted."""

    sources: tuple[Source, ...]
    fixed: Mapping[str, Any]
    group: Source | None
    skips: tuple[tuple[int, Callable[[str], bool], str], ...]
    ignored: tuple[str, ...]
    raw: tuple[str, ...] | None = None

    def header_of(self, target: str | None) -> str | None:
        """The file's own name of a target column, for the report."""
        return next((source.header for source in self.sources if source.target == target), target)

    def skip_reason(self, raw: RawRow) -> str | None:
        """Why the mapping leaves this row out, or None."""
        for index, hits, reason in self.skips:
            if index < len(raw.cells) and hits(raw.cells[index].strip()):
                return reason
        return None

    def key(self, raw: RawRow) -> str | None:
        """The group a row belongs to; None if it has no readable key, and then stands alone."""
        group = self.group
        if group is None or group.at >= len(raw.cells):
            return None
        try:
            key: str | None = group.converter[raw.cells[group.at]]
        except ConversionError:
            return None
        return key

    def convert(self, raw: RawRow) -> Row | list[Problem]:
        """The row with typed values, or everything that is wrong with it."""
        if raw.problem is not None:
            return [raw.problem]
        cells = raw.cells
        values = dict(self.fixed)
        try:
            for target, _, index, converter in self.sources:
                values[target] = converter[cells[index]]
        except ConversionError:
            return self._problems(raw)
        return Row(raw.number, values, None if self.raw is None else dict(zip(self.raw, cells, strict=False)))

    def _problems(self, raw: RawRow) -> list[Problem]:
        problems = []
        for source in self.sources:
            text = raw.cells[source.at]
            try:
                source.converter[text]
            except ConversionError as error:
                problems.append(Problem(raw.number, source.header, error.code, error.message, shorten(text)))
        return problems


def make_plan(importer: Importer, mapping: ImportMapping, header: Sequence[str]) -> Plan:
    """The plan, or a `MappingError` that says which column does not fit and what the file has."""
    for target in mapping.columns:
        if target not in importer.by_name:
            raise MappingError(
                f"The mapping fills column {target!r}, which import {importer.name!r} does not have."
                f"{did_you_mean(target, importer.by_name)} It has: {', '.join(importer.by_name)}."
            )
    chosen = dict(mapping.columns)
    if mapping.auto:
        chosen |= _by_header(importer, chosen, header)
    _check_required(importer, chosen, header)
    sources = []
    # Every column has its place from the start: values then stand in the importer's order in every row.
    fixed: dict[str, Any] = {column.name: None for column in importer.columns}
    for column in importer.columns:
        entry = chosen.get(column.name)
        if entry is not None and entry.constant is not None:
            fixed[column.name] = neutral_value(column, entry.constant)
        elif entry is not None and entry.source is not None:
            index = _position(entry.source, header)
            sources.append(Source(column.name, entry.source, index, converter_for(column, entry, mapping)))
    used = {source.header for source in sources} | {rule.column for rule in mapping.skip}
    return Plan(
        sources=tuple(sources),
        fixed=fixed,
        group=_group(importer, sources),
        skips=tuple((_position(rule.column, header), rule.hits, rule.reason) for rule in mapping.skip),
        ignored=tuple(name for name in header if name and name not in used),
        raw=_told_apart(header) if importer.keep_raw else None,
    )


def describe_columns(importer: Importer) -> str:
    """The target columns as text, for ``--columns``."""
    lines = [f"{importer.name}: {importer.title}", importer.description, ""]
    width = max((len(column.name) for column in importer.columns), default=0)
    for column in importer.columns:
        kind = "|".join(column.choices) if column.type == "enum" else column.type
        need = "required" if column.required else "optional"
        lines.append(f"  {column.name:<{width}}  {kind}, {need}. {column.description}".rstrip())
        if column.aliases:
            lines.append(f"  {'':<{width}}  also recognised as: {', '.join(column.aliases)}")
    if importer.group_by:
        lines += [
            "",
            f"Rows with the same {importer.group_by} belong together, wherever they stand in the file.",
        ]
    return "\n".join(lines)


def _by_header(
    importer: Importer, chosen: Mapping[str, ColumnMapping], header: Sequence[str]
) -> dict[str, ColumnMapping]:
    taken = {entry.source for entry in chosen.values()}
    free: dict[str, list[str]] = {}
    for name in header:
        if name and name not in taken:
            free.setdefault(_plain(name), []).append(name)
    found: dict[str, ColumnMapping] = {}
    for column in importer.columns:
        if column.name in chosen:
            continue
        matches = [name for wish in _wishes(column) for name in free.get(wish, ())]
        if len(matches) > 1:
            raise MappingError(
                f"Several columns of the file could be {column.name!r}: {', '.join(map(repr, matches))}. "
                f"Say which in the mapping: [columns] {column.name} = {matches[0]!r}."
            )
        if matches:
            found[column.name] = ColumnMapping(source=matches[0])
    return found


def _wishes(column: Column) -> list[str]:
    return list(dict.fromkeys(_plain(name) for name in (column.name, *column.aliases)))


def _plain(name: str) -> str:
    """Headers are compared without case, spaces and punctuation: Invoice No = invoice_no."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _check_required(importer: Importer, chosen: Mapping[str, ColumnMapping], header: Sequence[str]) -> None:
    missing = [column for column in importer.columns if column.required and column.name not in chosen]
    if not missing:
        return
    names = ", ".join(repr(column.name) for column in missing)
    free = [name for name in header if name not in {entry.source for entry in chosen.values()}]
    raise MappingError(
        f"The file gives no value for the required column{'s' if len(missing) > 1 else ''} {names}; "
        f'it has: {_list(free)} left. Name the source in the mapping: [columns] {missing[0].name} = "…".'
        f"{did_you_mean(missing[0].name, [name for name in free if name])}"
    )


def _position(source: str, header: Sequence[str]) -> int:
    count = header.count(source)
    if count == 0:
        raise MappingError(
            f"Column {source!r} of the mapping is not in the file; the file has: {_list(header)}."
            f"{did_you_mean(source, [name for name in header if name])}"
        )
    if count > 1:
        raise MappingError(f"The file has {count} columns named {source!r}; rename all but one.")
    return header.index(source)


def _told_apart(header: Sequence[str]) -> tuple[str, ...]:
    """The headers, with the column's place where one is empty or comes again."""
    return tuple(
        name if name and name not in header[:at] else f"{name or 'column'} ({at + 1})" for at, name in enumerate(header)
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names if name) or "nothing"


def _group(importer: Importer, sources: Sequence[Source]) -> Source | None:
    if importer.group_by is None:
        return None
    for source in sources:
        if source.target == importer.group_by:
            return source
    raise MappingError(
        f"Import {importer.name!r} puts rows together by {importer.group_by!r}, so the file must give it: "
        "map it to a source column, not to a constant."
    )
