"""Root fields of reports: aging, what is open one by one, and statements of account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from huikuan.context import Context
from huikuan.core.types import User
from huikuan.errors import BadInput
from huikuan.graphql import query
from huikuan.values import Ref
from huikuan_customers.api import customers
from huikuan_customers.types import Customer, CustomerGroup
from huikuan_receivables.aging import Bucket, Filter, edges_of
from huikuan_receivables.aging_rows import aging_report, customers_of
from huikuan_receivables.open_parts import open_parts
from huikuan_receivables.pages import check_size, read_cursor
from huikuan_receivables.snapshots import AgingBy
from huikuan_receivables.statements import statement
from huikuan_receivables.types.reports import ROWS_CURSOR, ReceivablesAging, as_aging
from huikuan_receivables.types.statements import (
    ITEMS_CURSOR,
    STATEMENT_CURSOR,
    OpenReceivables,
    ReceivablesStatement,
    as_open,
    as_statement,
)

__all__ = ["receivables_aging", "receivables_open_items", "receivables_statement"]


@query(permission="receivables.read")
def receivables_aging(
    ctx: Context,
    as_of: Annotated[date | None, "The day, past or future; left out: today."] = None,
    by: Annotated[AgingBy, "What there is a row for."] = AgingBy.CUSTOMER,
    buckets: Annotated[
        list[int] | None, "The last day overdue of each bucket; left out: as receivables.aging_buckets says."
    ] = None,
    currency: Annotated[str | None, "Only this currency."] = None,
    customer: Annotated[Ref[Customer] | None, "Only this customer."] = None,
    in_base: Annotated[
        bool, "Whether to tell the total in the company's currency, at the rates of the ledger."
    ] = False,
    first: Annotated[int, "How many rows, at most 1,000."] = 1_000,
    after: Annotated[str | None, "Only rows that come after this cursor."] = None,
) -> ReceivablesAging:
    """What is open by how long it is overdue. What is due on the day itself is not overdue.

    A settlement counts from its own day, whenever it was entered. Amounts are what is open, not what was invoiced.
    Currencies are never added up.
    """
    report = aging_report(
        ctx,
        as_of or ctx.today,
        by,
        edges_of(ctx, buckets),
        Filter([customer.id] if customer is not None else None, currency),
        base=in_base,
        after=_place(after),
        limit=check_size(first),
    )
    return as_aging(report, ctx.tenant.currency if in_base else None)


@query(permission="receivables.read")
def receivables_open_items(
    ctx: Context,
    as_of: Annotated[date | None, "The day, past or future; left out: today."] = None,
    from_days: Annotated[int | None, "Only items overdue by at least so many days."] = None,
    to_days: Annotated[int | None, "Only items overdue by at most so many days; 0: those not overdue."] = None,
    currency: Annotated[str | None, "Only this currency."] = None,
    customer: Annotated[Ref[Customer] | None, "Only this customer."] = None,
    owner: Annotated[Ref[User] | None, "Only customers that this person looks after."] = None,
    group: Annotated[Ref[CustomerGroup] | None, "Only customers of this group."] = None,
    first: Annotated[int, "How many items, at most 1,000."] = 50,
    after: Annotated[str | None, "Only items that come after this cursor."] = None,
) -> OpenReceivables:
    """The items behind an aging, as they were on the day, what was due first coming first."""
    day, limit = as_of or ctx.today, check_size(first)
    wanted = Filter(_customers(ctx, customer, owner, group), currency)
    place = None
    if after is not None:
        due_on, id = read_cursor(ITEMS_CURSOR, [date, UUID], after)
        place = due_on, id
    within = Bucket("", from_days, to_days) if from_days is not None or to_days is not None else None
    return as_open(open_parts(ctx, day, wanted, within=within, after=place, limit=limit + 1), day, limit)


@query(permission="receivables.read")
def receivables_statement(
    ctx: Context,
    customer: Annotated[Ref[Customer], "Whose account."],
    currency: Annotated[str | None, "The currency; left out: the customer's, else the company's."] = None,
    since: Annotated[date | None, "The first day of the period; left out: from the beginning."] = None,
    until: Annotated[date | None, "The last day of the period; left out: today."] = None,
    first: Annotated[int, "How many lines, at most 1,000."] = 1_000,
    after: Annotated[str | None, "Only lines that come after this cursor."] = None,
) -> ReceivablesStatement:
    """A customer's account in one currency: what changed it, what it came to, and what is open.

    A payment that settles an invoice changes nothing by that: it counts from when it came.
    """
    code = currency or customers(ctx, [customer.id])[customer.id].currency or ctx.tenant.currency
    day = until or ctx.today
    if since is not None and since > day:
        raise BadInput("The period ends before it begins.", field="since")
    place = None
    if after is not None:
        on, entry_id = read_cursor(STATEMENT_CURSOR, [date, UUID], after)
        place = on, entry_id
    found = statement(ctx, customer.id, code, day, since=since, after=place, limit=check_size(first))
    return as_statement(found, customer, code, since, day)


def _place(after: str | None) -> tuple[str, Decimal, UUID] | None:
    if after is None:
        return None
    currency, open, key = read_cursor(ROWS_CURSOR, [str, Decimal, UUID], after)
    return currency, open, key


def _customers(
    ctx: Context, customer: Ref[Customer] | None, owner: Ref[User] | None, group: Ref[CustomerGroup] | None
) -> set[UUID] | None:
    """Whom a filter leaves; None: everybody."""
    found: set[UUID] | None = {customer.id} if customer is not None else None
    for by, wanted in ((AgingBy.OWNER, owner), (AgingBy.GROUP, group)):
        if wanted is not None:
            ids = {id for id, key in customers_of(ctx, by).items() if key == wanted.id}
            found = ids if found is None else found & ids
    return found
