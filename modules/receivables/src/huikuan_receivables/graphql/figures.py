"""A customer's figures with the rows that make them up, and its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import BadInput
from huikuan.graphql import batch, extend, query
from huikuan.values import Ref
from huikuan_customers.api import customers
from huikuan_customers.types import Customer
from huikuan_receivables.figures import customer_figures
from huikuan_receivables.hookspecs import receivables_figure_rows
from huikuan_receivables.pages import check_size, read_cursor
from huikuan_receivables.snapshots import RowMark, TimelineKind
from huikuan_receivables.timeline import timeline
from huikuan_receivables.types.figures import (
    FIGURE_CURSOR,
    TIMELINE_CURSOR,
    CustomerFigureType,
    CustomerTimeline,
    FigureRows,
    as_figure,
    as_rows,
    as_timeline,
)

__all__ = ["CustomerFigures", "receivables_figure_rows_page", "receivables_timeline"]


@extend(Customer)
class CustomerFigures:
    """What the modules know of how a customer stands."""

    @batch(requires=["id", "currency"], permission="receivables.read")
    def receivable_figures(
        ctx: Context,
        customers: Sequence[Any],
        currency: Annotated[str | None, "The currency; left out: the customer's, else the company's."] = None,
        names: Annotated[list[str] | None, "Only these figures; left out: all."] = None,
    ) -> list[list[CustomerFigureType]]:
        """What is owed, overdue, disputed, unapplied, ordered and not invoiced, and how the customer pays.

        Each figure has its formula and its time; `receivablesFigureRows` has the rows that make it up.
        """
        found = customer_figures(ctx, {row.id: currency or row.currency or ctx.tenant.currency for row in customers})
        return [
            [as_figure(figure, ctx.now) for figure in found[row.id] if names is None or figure.name in names]
            for row in customers
        ]


@query(permission="receivables.read", name="receivablesFigureRows")
def receivables_figure_rows_page(
    ctx: Context,
    customer: Annotated[Ref[Customer], "Whose figure."],
    name: Annotated[str, "The figure's name."],
    currency: Annotated[str | None, "The currency; left out: the customer's, else the company's."] = None,
    first: Annotated[int, "How many rows, at most 1,000."] = 50,
    after: Annotated[str | None, "Only rows that come after this cursor."] = None,
) -> FigureRows:
    """The rows that make up a figure of a customer, as things stand now."""
    limit, mark = check_size(first), None
    if after is not None:
        on, id = read_cursor(FIGURE_CURSOR, [date, UUID], after)
        mark = RowMark(on=on, id=id)
    code = currency or customers(ctx, [customer.id])[customer.id].currency or ctx.tenant.currency
    found = ctx.provide(
        receivables_figure_rows, customer_id=customer.id, currency=code, name=name, after=mark, limit=limit + 1
    )
    if found is None:
        raise BadInput(f"{name!r} has no rows of its own: see `madeOf` of the customer's figures.", field="name")
    return as_rows(found, limit, ctx.now)


@query(permission="receivables.read")
def receivables_timeline(
    ctx: Context,
    customer: Annotated[Ref[Customer], "Whose timeline."],
    kinds: Annotated[list[TimelineKind] | None, "Only entries of these kinds; left out: of all."] = None,
    first: Annotated[int, "How many entries, at most 1,000."] = 50,
    after: Annotated[str | None, "Only entries that come after this cursor: older ones."] = None,
) -> CustomerTimeline:
    """What happened with a customer, the newest first, as far as the modules in use know.

    Orders and deliveries are shown to whoever may read orders and shipments.
    """
    limit, place = check_size(first), None
    if after is not None:
        at, id = read_cursor(TIMELINE_CURSOR, [datetime, UUID], after)
        place = at, id
    return as_timeline(timeline(ctx, customer.id, kinds=kinds, after=place, limit=limit + 1), limit)
