"""CSV import of bank statements; the raw line is kept."""

from __future__ import annotations

from collections.abc import Iterable

from huikuan.context import Context
from huikuan.importing import Importer, ImportRun, Outcome, Status, Unit
from huikuan_receivables.banking.columns import BANK_COLUMNS, new_line
from huikuan_receivables.banking.lines import file_of, record_lines
from huikuan_receivables.models import BankFile, BankSource

__all__ = ["bank"]


def _prepare(run: ImportRun, units: Iterable[Unit]) -> None:
    """Keep the file's name and content hash, for each account that it is about."""
    about = {(unit.first["account"], unit.file) for unit in units}
    for account, sha256 in sorted(about):

        def keep(ctx: Context, account: str = account, sha256: str = sha256) -> None:
            source = ctx.find(BankSource, code=account)
            if source is not None:
                file_of(ctx, source.id, run.path.name, sha256)

        run.command(f"{account}:{sha256}", keep)


def _write(ctx: Context, unit: Unit) -> Outcome:
    """One line; one that is there already stays as it is."""
    row = unit.first
    source = ctx.find(BankSource, code=row["account"])
    if source is None:
        raise row.error("UNKNOWN_ACCOUNT", f"There is no account {row['account']!r}.", column="account")
    file = ctx.find(BankFile, source_id=source.id, sha256=unit.file)
    [found] = record_lines(ctx, source.id, file.id if file is not None else None, [new_line(unit, source.currency)])
    if found.differs:
        raise row.error("LINE_DIFFERS", "A line of another amount has this reference on this day.", column="reference")
    return Outcome(status=Status.CREATED if found.new else Status.UNCHANGED, subject_id=found.id)


bank = Importer(
    name="bank",
    title="Bank statements",
    description=(
        "Lines of bank statements, one row each, with the raw row. A line is there already if its account, day and "
        "reference are known, or without a reference all that is said of it; two equal lines in one file are two."
    ),
    columns=BANK_COLUMNS,
    write=_write,
    prepare=_prepare,
    permission="receivables.bank",
    keep_raw=True,
)
