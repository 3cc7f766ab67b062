"""GraphQL types of a customer's figures and of its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from huikuan.graphql import output
from huikuan.money import Money
from huikuan.values import AnyNode
from huikuan_receivables.pages import write_cursor
from huikuan_receivables.snapshots import CustomerFigure, FigureRow, TimelineEntry, TimelineKind

__all__ = [
    "FIGURE_CURSOR",
    "TIMELINE_CURSOR",
    "CustomerFigureType",
    "CustomerTimeline",
    "CustomerTimelineEntry",
    "FigureRowType",
    "FigureRows",
    "as_figure",
    "as_rows",
    "as_timeline",
]

FIGURE_CURSOR, TIMELINE_CURSOR = "figure", "timeline"


@output
@dataclass(frozen=True)
class CustomerFigureType:
    """A figure of a customer. Amount, number and day are null where it cannot be told."""

    name: Annotated[str, "Its name, such as RECEIVABLE, OVERDUE, DSO; `receivablesFigureRows` takes it."]
    amount: Annotated[Money | None, "Its value, if it is an amount."]
    number: Annotated[Decimal | None, "Its value, if it is a number."]
    unit: Annotated[str | None, "What the number counts, such as days."]
    on: Annotated[date | None, "Its value, or that of its amount, if it is a day."]
    formula: Annotated[str, "How it is made, and when it cannot be told."]
    made_of: Annotated[list[str], "Other figures that it is made of."]
    as_of: Annotated[datetime, "The time that it is of."]


@output
@dataclass(frozen=True)
class FigureRowType:
    """What a figure is made of."""

    subject: Annotated[AnyNode, "The item, payment, order, …"]
    on: Annotated[date, "The day that rows are ordered by: when it is due, came, or was made."]
    amount: Annotated[Money | None, "What it adds."]
    number: Annotated[Decimal | None, "Its own number, such as days late."]


@output
@dataclass(frozen=True)
class FigureRows:
    """One page of the rows of a figure, by day."""

    nodes: Annotated[list[FigureRowType], "The rows."]
    as_of: Annotated[datetime, "The time that they are of."]
    has_next_page: Annotated[bool, "Whether there are more."]
    end_cursor: Annotated[str | None, "The cursor to go on after."]


@output
@dataclass(frozen=True)
class CustomerTimelineEntry:
    """Something that happened."""

    kind: Annotated[TimelineKind, "What it tells of."]
    at: Annotated[datetime, "When; what is known by its day only stands at the beginning of the day."]
    on: Annotated[date, "The day."]
    title: Annotated[str, "What happened, in short."]
    amount: Annotated[Money | None, "How much it was about."]
    text: Annotated[str | None, "What was said, or why."]
    subject: Annotated[AnyNode, "The order, invoice, payment, note, …"]


@output
@dataclass(frozen=True)
class CustomerTimeline:
    """One page of what happened, the newest first."""

    nodes: Annotated[list[CustomerTimelineEntry], "The entries."]
    has_next_page: Annotated[bool, "Whether there are older ones."]
    end_cursor: Annotated[str | None, "The cursor to go on after."]


def as_figure(found: CustomerFigure, as_of: datetime) -> CustomerFigureType:
    """A figure as it is shown."""
    return CustomerFigureType(
        name=found.name,
        amount=found.amount,
        number=found.number,
        unit=found.unit,
        on=found.on,
        formula=found.formula,
        made_of=list(found.made_of),
        as_of=as_of,
    )


def as_rows(found: Sequence[FigureRow], limit: int, as_of: datetime) -> FigureRows:
    """A page of rows; one more than ``limit`` tells that there are more."""
    page, more = found[:limit], len(found) > limit
    return FigureRows(
        nodes=[FigureRowType(AnyNode(row.type_name, row.id), row.on, row.amount, row.number) for row in page],
        as_of=as_of,
        has_next_page=more,
        end_cursor=write_cursor(FIGURE_CURSOR, page[-1].on, page[-1].id) if more else None,
    )


def as_timeline(found: Sequence[tuple[datetime, TimelineEntry]], limit: int) -> CustomerTimeline:
    """A page of entries; one more than ``limit`` tells that there are more."""
    page, more = found[:limit], len(found) > limit
    return CustomerTimeline(
        nodes=[
            CustomerTimelineEntry(
                kind=entry.kind,
                at=at,
                on=entry.on,
                title=entry.title,
                amount=entry.amount,
                text=entry.text,
                subject=AnyNode(entry.type_name, entry.subject_id),
            )
            for at, entry in page
        ],
        has_next_page=more,
        end_cursor=write_cursor(TIMELINE_CURSOR, page[-1][0], page[-1][1].id) if more else None,
    )
