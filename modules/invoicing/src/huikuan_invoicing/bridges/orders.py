"""Orders are invoiced: when confirmed, by hand, or together; deposits come first, what is posted is not cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from huikuan import BadInput, Context, Invariant, Money, Ref, Refusal, command, hookimpl
from huikuan.db import LockKey
from huikuan.graphql import batch, extend
from huikuan_customers.api import customer_lock
from huikuan_customers.types import Customer
from huikuan_invoicing.billing import automatically, bill, deposit, lines_type
from huikuan_invoicing.commands.drafts import discard
from huikuan_invoicing.documents import consolidated, over_billed, prepayment_missing, standing
from huikuan_invoicing.errors import TOO_MUCH, WRONG_STATE
from huikuan_invoicing.models import INVOICE_RANK, BillingPolicy, Invoice, InvoiceLine
from huikuan_invoicing.posting import others_locks
from huikuan_invoicing.queries import billed, billed_amounts, drafts_of, method_of, policy_of, posted_of
from huikuan_invoicing.snapshots import BillingMethod, InvoiceKind, InvoiceSnapshot, SourceDocument, SourceLine
from huikuan_orders.api import open_orders, order_by_id, order_lock, orders_by_id
from huikuan_orders.snapshots import OrderKind, OrderSnapshot, OrderStatus, TracePart
from huikuan_orders.types import Order

ORDER = "orders.order"
LINE = lines_type(ORDER)
ZERO = Decimal(0)
HUNDRED = Decimal(100)
PAGE = 500


def source_of(order: OrderSnapshot) -> SourceDocument:
    """An order as something that can be invoiced."""
    return SourceDocument(
        type=ORDER,
        id=order.id,
        number=order.number,
        customer_id=order.customer_id,
        bill_to_id=order.bill_to_id,
        payer_id=order.payer_id,
        currency=order.currency,
        tax_rounding=order.tax_rounding,
        payment_terms=order.payment_terms,
        terms=order.terms,
        total=order.total,
        lock=order_lock(order.id),
        lines=tuple(
            SourceLine(
                id=line.id,
                sku=line.sku,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_code=line.tax_code,
                tax_percent=line.tax_percent,
                tax_included=line.tax_included,
            )
            for line in order.lines
        ),
    )


@hookimpl
def invoicing_source(ctx: Context, source_type: str, source_id: UUID) -> SourceDocument | None:
    """Orders, for whoever invoices parts of them."""
    return source_of(order_by_id(ctx, source_id)) if source_type == ORDER else None


# --- what orders ask ----------------------------------------------------------------------------


@hookimpl
def orders_confirm_locks(ctx: Context, order: OrderSnapshot) -> list[LockKey]:
    """Drafts of the order, so that none is posted while it is cancelled."""
    return [LockKey(INVOICE_RANK, Invoice, id) for id in drafts_of(ctx, order.id)]


@hookimpl
def orders_before_confirm(ctx: Context, order: OrderSnapshot) -> Refusal | None:
    """Whether the agreed prepayment has come in."""
    if order.kind is not OrderKind.SALE:
        return None
    return prepayment_missing(ctx, ORDER, order.id, order.total)


@hookimpl
def orders_after_confirm(ctx: Context, order: OrderSnapshot) -> None:
    """Invoice it at once, where that was agreed; a return becomes the draft of a credit note."""
    if method_of(ctx, ORDER, order.id) is not BillingMethod.ORDER or not any(line.quantity for line in order.lines):
        return
    post_now = order.kind is OrderKind.SALE and automatically(ctx, order.currency)
    bill(ctx, [source_of(order)], post_now=post_now)


@hookimpl
def orders_before_cancel(ctx: Context, order: OrderSnapshot) -> Refusal | None:
    """What was invoiced is credited first."""
    return standing(ctx, order.id)


@hookimpl
def orders_after_cancel(ctx: Context, order: OrderSnapshot) -> None:
    """Its drafts are thrown away."""
    for id in drafts_of(ctx, order.id):
        discard(ctx, ctx.get(Invoice, id))


@hookimpl
def orders_trace_parts(ctx: Context, orders: Sequence[UUID]) -> list[TracePart]:
    """What is invoiced, less what was credited: quantities by line and the amount, deposits included.

    "given_up" is what was credited for good and is not invoiced again; "prebilled" what is invoiced apart from the
    lines: deposits that no invoice has deducted yet, milestones.
    """
    found = orders_by_id(ctx, orders)
    lines = {line.id: order.id for order in found.values() for line in order.lines}
    quantities = billed(ctx, LINE, list(lines))
    amounts = billed_amounts(ctx, list(found))
    return [
        *(
            TracePart(order_id=lines[id], name=name, line_id=id, quantity=quantity)
            for id, item in quantities.items()
            for name, quantity in (("invoiced", item.posted), ("given_up", item.given_up))
            if quantity
        ),
        *(
            TracePart(order_id=id, name=name, amount=Money(gross, found[id].currency))
            for id, by_type in amounts.items()
            for name, gross in (("invoiced", sum(by_type.values(), ZERO)), ("prebilled", _apart(by_type)))
            if gross or name == "invoiced"
        ),
    ]


def _apart(by_type: Mapping[str, Decimal]) -> Decimal:
    return sum((gross for name, gross in by_type.items() if name != LINE), ZERO)


@hookimpl
def invoicing_before_post(ctx: Context, invoice: InvoiceSnapshot) -> Iterable[Refusal]:
    """Not more than was ordered, as the order is now."""
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return []
    ids = {line.document_id for line in invoice.lines if line.source_type == LINE and line.document_id is not None}
    wanted = {line.source_id for line in invoice.lines if line.source_type == LINE}
    return [
        Refusal(
            TOO_MUCH,
            f"Order {source.number}: {item.taken:f} of {line.quantity:f} {line.description} would be invoiced.",
            advice="Change the draft, or discard it and invoice the order anew.",
        )
        for source, line, item in over_billed(ctx, map(source_of, orders_by_id(ctx, ids).values()))
        if line.id in wanted
    ]


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """What invoices of orders must keep."""
    return [
        Invariant("invoicing.ordered", "No more of an order's line is invoiced than allowed.", _over_invoiced),
    ]


def _over_invoiced(ctx: Context) -> Sequence[UUID]:
    statement = select(InvoiceLine.document_id).where(InvoiceLine.source_type == LINE).distinct()
    ids = [id for id in ctx.scalars(statement.order_by(InvoiceLine.document_id)) if id is not None]
    pages = (orders_by_id(ctx, ids[start : start + PAGE]).values() for start in range(0, len(ids), PAGE))
    return [line.id for page in pages for _, line, _ in over_billed(ctx, map(source_of, page), posted=True)]


# --- commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class InvoiceOrderLineInput:
    """How much of an order's line is invoiced."""

    position: Annotated[int, "Which line of the order."]
    quantity: Annotated[Decimal, "How much, with the line's sign."]


@command(permission="invoicing.draft", idempotency="key")
def invoice_from_order(ctx: Context, order: Ref[Order], lines: list[InvoiceOrderLineInput] | None = None) -> Invoice:
    """Draft an invoice of an order: of these quantities, else of all that is left. Posted deposits are deducted.

    Over-billing is possible up to ``invoicing.overbilling_percent``, with quantities given.
    """
    ctx.lock([order_lock(order.id)])
    found = order_by_id(ctx, order.id)
    _require_agreed(ctx, found)
    quantities = None
    if lines is not None:
        by_position = {line.position: line.id for line in found.lines}
        unknown = sorted({line.position for line in lines} - set(by_position))
        if unknown or len({line.position for line in lines}) != len(lines):
            raise BadInput(
                f"Name lines of the order, each once{f': no {unknown[0]}' if unknown else ''}.", field="lines"
            )
        quantities = {by_position[line.position]: line.quantity for line in lines}
    return bill(ctx, [source_of(found)], quantities)


@command(permission="invoicing.draft", idempotency="natural")
def invoices_consolidate(ctx: Context, customer: Ref[Customer], since: date, until: date) -> list[Invoice]:
    """Draft one invoice for all that is left to invoice of a bill-to's confirmed orders of a period.

    Orders of other payers, currencies or terms get one of their own. Lines keep their links to orders. The same
    period again gives the invoices that are there.
    """
    if until < since:
        raise BadInput("The period ends before it begins.", field="until")
    candidates = [order.id for order in _open(ctx, customer.id) if since <= order.ordered_on <= until]
    ctx.lock([customer_lock(customer.id), *(order_lock(id) for id in candidates)])
    sources = [
        source_of(order)
        for order in orders_by_id(ctx, candidates).values()
        if order.binding and not order.held and order.kind is OrderKind.SALE
    ]
    return consolidated(ctx, f"period:{customer.id}:{since}:{until}:", sources)


@command(permission="invoicing.post", idempotency="key")
def invoice_deposit(
    ctx: Context, order: Ref[Order], percent: Decimal | None = None, amount: Money | None = None
) -> Invoice:
    """Ask for a deposit on an order: a percentage of its total or an amount, tax included; also before it is confirmed.

    Later invoices of the order deduct it.
    """
    ctx.lock([order_lock(order.id), *others_locks(ctx, order_by_id(ctx, order.id).bill_to_id, [order.id])])
    found = order_by_id(ctx, order.id)
    if found.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.DONE) or found.kind is OrderKind.RETURN:
        ctx.refuse(Refusal(WRONG_STATE, f"Order {found.number} takes no deposit: it is {found.status.name}."))
    if (percent is None) == (amount is None):
        raise BadInput("Give either a percentage or an amount.", field="percent")
    if percent is not None and not 0 < percent <= HUNDRED:
        raise BadInput("A percentage is more than 0 and at most 100.", field="percent")
    if amount is not None and amount.currency != found.currency:
        raise BadInput(f"The order is in {found.currency}.", field="amount")
    gross = amount if amount is not None else (found.total * ((percent or ZERO) * Decimal("0.01"))).rounded()
    return deposit(ctx, source_of(found), gross, f"Deposit, order {found.number}")


@command(permission="invoicing.plan", idempotency="natural")
def billing_policy_set(
    ctx: Context,
    order: Ref[Order],
    method: BillingMethod,
    prepayment_percent: Decimal = ZERO,
    ship_when_paid: bool = False,
) -> BillingPolicy:
    """Agree how an order is invoiced, what is paid before it is confirmed, and whether goods wait for payment."""
    if not 0 <= prepayment_percent <= HUNDRED or prepayment_percent != round(prepayment_percent, 6):
        raise BadInput("A percentage lies between 0 and 100.", field="prepaymentPercent")
    if ship_when_paid and method is BillingMethod.SHIPMENT:
        raise BadInput("Goods cannot wait for an invoice that their own shipment makes.", field="shipWhenPaid")
    ctx.lock([order_lock(order.id)])
    policy = policy_of(ctx, ORDER, order.id) or ctx.add(BillingPolicy(source_type=ORDER, source_id=order.id))
    policy.method, policy.prepayment_percent, policy.ship_when_paid = method, prepayment_percent, ship_when_paid
    return policy


def _require_agreed(ctx: Context, order: OrderSnapshot) -> None:
    if order.status not in (OrderStatus.CONFIRMED, OrderStatus.DONE) or order.held:
        state = "on hold" if order.held else order.status.name
        ctx.refuse(Refusal(WRONG_STATE, f"Order {order.number} is {state}.", advice="Invoice confirmed orders."))


def _open(ctx: Context, bill_to: UUID) -> Iterator[OrderSnapshot]:
    after: UUID | None = None
    while page := open_orders(ctx, bill_to=[bill_to], after=after, limit=PAGE):
        yield from page
        after = page[-1].id


@extend(Order)
class OrderInvoices:
    """What invoicing adds to an order."""

    @batch(requires=["id"], permission="invoicing.read")
    def invoices(ctx: Context, orders: Sequence[Any]) -> list[list[Ref[Invoice]]]:
        """Its invoices, deposits and credit notes, drafts included."""
        return [[Ref(id) for id in sorted([*posted_of(ctx, it.id), *drafts_of(ctx, it.id)])] for it in orders]
