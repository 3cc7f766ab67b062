"""The only place that changes what is owed: each change has its lines in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from huikuan.context import Context
from huikuan_credit.accounts import account_id_of, balance_of, forget_pools
from huikuan_credit.models import Balance, Entry, Position
from huikuan_credit.rechecking import recheck_later
from huikuan_credit.snapshots import Part, PositionState

__all__ = [
    "COLUMNS",
    "Change",
    "Source",
    "add",
    "apply",
    "held",
    "hold",
    "open_position",
    "owing_sources",
    "position_of",
    "positions_of",
    "shift",
    "write",
]

ZERO = Decimal(0)
COLUMNS = {part: part.name.lower() for part in Part}
"""The column of each part on balances and positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What owes: an order, or a customer's account at receivables in one currency."""

    type: str
    id: UUID
    bill_to_id: UUID
    currency: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a position contributes from now on; parts that are not named stay."""

    position: Position
    parts: Mapping[Part, Decimal]


def position_of(ctx: Context, source_type: str, source_id: UUID) -> Position | None:
    """The position of one source."""

    def read() -> Position | None:
        return ctx.find(Position, source_type=source_type, source_id=source_id)

    return ctx.once(("credit.position", source_type, source_id), read, Position, rows=True)


def positions_of(ctx: Context, source_type: str, source_ids: Sequence[UUID]) -> dict[UUID, Position]:
    """The positions of many sources; those without are left out. One statement."""
    if not source_ids:
        return {}
    if len(source_ids) == 1:
        position = position_of(ctx, source_type, source_ids[0])
        return {} if position is None else {source_ids[0]: position}
    statement = select(Position).where(Position.source_type == source_type, Position.source_id.in_(source_ids))
    return {row.source_id: row for row in ctx.scalars(statement)}


def owing_sources(ctx: Context, source_type: str) -> set[UUID]:
    """Sources of this type that owe something."""
    owes = (Position.ordered != 0) | (Position.shipped != 0)
    return set(ctx.scalars(select(Position.source_id).where(Position.source_type == source_type, owes)))


def open_position(ctx: Context, source: Source, state: PositionState = PositionState.OPEN) -> Position:
    """A position that contributes nothing yet; its account, or the head of the family, is locked."""
    return ctx.add(
        Position(
            account_id=account_id_of(ctx, source.bill_to_id),
            bill_to_id=source.bill_to_id,
            source_type=source.type,
            source_id=source.id,
            currency=source.currency,
            state=state,
            **dict.fromkeys(["deposits", *COLUMNS.values()], ZERO),
        )
    )


def apply(ctx: Context, event: str, changes: Iterable[Change], balance: Balance | None = None) -> None:
    """Bring positions, balances and ledger to these amounts. What falls lets held orders be asked anew.

    ``balance``: the only one concerned, if it was read after the locks already.
    """
    sums: dict[tuple[UUID, str], dict[Part, Decimal]] = {}
    for change in changes:
        position = change.position
        for part, amount in change.parts.items():
            delta = amount - getattr(position, COLUMNS[part])
            if delta:
                setattr(position, COLUMNS[part], amount)
                write(ctx, event, position, part, delta)
                total = sums.setdefault((position.account_id, position.currency), {})
                total[part] = total.get(part, ZERO) + delta
    for (account_id, currency), deltas in sums.items():
        shift(ctx, account_id, currency, deltas, balance)
    recheck_later(ctx, {key[0] for key, deltas in sums.items() if sum(deltas.values(), ZERO) < 0})


def add(ctx: Context, event: str, source: Source, deltas: Mapping[Part, Decimal]) -> None:
    """Add to what a source contributes, without the account's lock: each statement adds, none sets.

    For those who hold other locks, such as payments. What falls lets held orders be asked anew.
    """
    deltas = {part: amount for part, amount in deltas.items() if amount}
    if not deltas:
        return
    account_id = _added(ctx, source, deltas)
    for part, amount in deltas.items():
        _enter(ctx, event, account_id, source, part, amount)
    shift(ctx, account_id, source.currency, deltas)
    if sum(deltas.values(), ZERO) < 0:
        recheck_later(ctx, {account_id})


def _added(ctx: Context, source: Source, deltas: Mapping[Part, Decimal]) -> UUID:
    """Add to the position of a source, made if it is missing; the account that it stands on now."""
    mine = (Position.source_type == source.type, Position.source_id == source.id)
    rows = ctx.execute_returning(
        update(Position)
        .where(*mine)
        .values(_more(Position, deltas))
        .returning(Position.account_id)
        .execution_options(synchronize_session=False)
    )
    if rows:
        return UUID(str(rows[0].account_id))
    position = _made(ctx, source)
    held(ctx, position, deltas)
    return position.account_id


def _more(model: type[Position | Balance], deltas: Mapping[Part, Decimal]) -> dict[str, Any]:
    return {COLUMNS[part]: getattr(model, COLUMNS[part]) + amount for part, amount in deltas.items()}


def hold(ctx: Context, source: Source) -> None:
    """Hold the row of a position, made if it is missing, until the end of the transaction: whoever adds to it waits."""
    held(ctx, position_of(ctx, source.type, source.id) or _made(ctx, source))


def held(ctx: Context, position: Position, deltas: Mapping[Part, Decimal] | None = None) -> None:
    """Add to a position in one statement, and read it anew: a family that moves may have given it another account."""
    names = ("account_id", *COLUMNS.values())
    ctx.flush()
    [row] = ctx.execute_returning(
        update(Position)
        .where(Position.id == position.id)
        .values(_more(Position, deltas or {}) or {"account_id": Position.account_id})
        .returning(*(getattr(Position, name) for name in names))
        .execution_options(synchronize_session=False)
    )
    for name, value in zip(names, row, strict=True):
        set_committed_value(position, name, value)


def _made(ctx: Context, source: Source) -> Position:
    """A position and the balance that it adds to; if somebody else makes it at the same time, theirs."""
    try:
        with ctx.savepoint():
            position = open_position(ctx, source)
            if balance_of(ctx, position.account_id, position.currency) is None:
                _balance(ctx, position.account_id, position.currency, {})
            ctx.flush()
            return position
    except IntegrityError:
        forget_pools(ctx)
        return position_of(ctx, source.type, source.id) or open_position(ctx, source)


def _balance(ctx: Context, account_id: UUID, currency: str, deltas: Mapping[Part, Decimal]) -> None:
    amounts = {column: deltas.get(part, ZERO) for part, column in COLUMNS.items()}
    ctx.add(Balance(account_id=account_id, currency=currency, told_percent=0, **amounts))


def write(ctx: Context, event: str, position: Position, part: Part, amount: Decimal) -> None:
    """Add a line to the ledger."""
    source = Source(
        type=position.source_type,
        id=position.source_id,
        bill_to_id=position.bill_to_id,
        currency=position.currency,
    )
    _enter(ctx, event, position.account_id, source, part, amount)


def _enter(ctx: Context, event: str, account_id: UUID, source: Source, part: Part, amount: Decimal) -> None:
    ctx.add(
        Entry(
            account_id=account_id,
            at=ctx.now,
            event=event,
            source_type=source.type,
            source_id=source.id,
            part=part,
            currency=source.currency,
            amount=amount,
        )
    )


def shift(
    ctx: Context, account_id: UUID, currency: str, deltas: Mapping[Part, Decimal], known: Balance | None = None
) -> None:
    """One statement that adds: without any lock it could lose nothing either."""
    if not deltas:
        return
    names = [COLUMNS[part] for part in deltas]
    rows = ctx.execute_returning(
        update(Balance)
        .where(Balance.account_id == account_id, Balance.currency == currency)
        .values(_more(Balance, deltas))
        .returning(*(getattr(Balance, name) for name in names))
        .execution_options(synchronize_session=False)
    )
    if not rows:
        _balance(ctx, account_id, currency, deltas)
    elif known is not None and (known.account_id, known.currency) == (account_id, currency):
        for name, value in zip(names, rows[0], strict=True):
            set_committed_value(known, name, value)
