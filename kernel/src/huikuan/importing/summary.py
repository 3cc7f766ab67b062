"""What an import did, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

__all__ = ["ImportSummary", "RowCounts", "UnitCounts"]


@dataclass(slots=True)
class RowCounts:
    """``read`` = ``written`` + ``skipped`` (by the mapping or the importer) + ``failed``."""

    read: int = 0
    written: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(slots=True)
class UnitCounts:
    """Units by what became of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged + self.skipped + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """The result of `run_import`. ``rows.written`` counts the rows of units that are now in the database."""

    importer: str
    path: Path
    sha256: str
    encoding: str
    delimiter: str
    dry_run: bool
    started_at: datetime
    duration: timedelta
    rows: RowCounts
    units: UnitCounts
    errors: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    ignored_columns: tuple[str, ...] = ()
    report_path: Path | None = None
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Everything was read and nothing failed."""
        return not self.errors and not self.interrupted

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        data = asdict(self)
        data |= {"path": str(self.path), "report_path": str(self.report_path) if self.report_path else None}
        data |= {"started_at": self.started_at.isoformat(), "duration": self.duration.total_seconds()}
        data["ok"] = self.ok
        return data

    def render(self) -> str:
        """A few lines for people."""
        rows, units = self.rows, self.units
        verb = "Checked" if self.dry_run else "Imported"
        lines = [
            f"{verb} {self.path.name} as {self.importer} in {self.duration.total_seconds():.1f} s"
            f" ({self.encoding}, delimiter {self.delimiter!r}).",
            f"Rows:  {rows.read:,} read, {rows.written:,} written, {rows.skipped:,} skipped, {rows.failed:,} failed.",
            f"Units: {units.created:,} created, {units.updated:,} updated, {units.unchanged:,} unchanged, "
            f"{units.skipped:,} skipped, {units.failed:,} failed.",
        ]
        lines += [f"  {code}: {count:,}" for code, count in sorted(self.errors.items())]
        lines += [f"  {code}: {count:,} (note)" for code, count in sorted(self.notes.items())]
        if self.ignored_columns:
            lines.append(f"Columns not used: {', '.join(self.ignored_columns)}.")
        if self.report_path and (self.errors or self.notes):
            lines.append(f"Row by row: {self.report_path}")
        if self.interrupted:
            lines.append("Interrupted. What is written stays; run the same command again to go on.")
        if self.dry_run:
            lines.append("A dry run: nothing was written.")
        return "\n".join(lines)
