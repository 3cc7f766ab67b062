"""Parents and roles: who pays for whom. Levels are read one by one, and there are few of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from huikuan import Context, NotFound
from huikuan_customers.models import Customer
from huikuan_customers.queries import people
from huikuan_customers.snapshots import CustomerRoles

__all__ = ["MAX_LEVELS", "ancestors", "descendants", "height", "roles", "roles_of", "tops"]

MAX_LEVELS = 8


def roles_of(ctx: Context, customer_id: UUID) -> CustomerRoles:
    """Who takes which part when this customer buys; see `roles`."""
    found = roles(ctx, [customer_id])
    if customer_id not in found:
        raise NotFound(f"Customer {customer_id} does not exist.", field="customer")
    return found[customer_id]


def roles(ctx: Context, ids: Collection[UUID]) -> dict[UUID, CustomerRoles]:
    """Who takes which part when these customers buy.

    Bill-to and ship-to are the customer itself unless it names another; the payer is who the
    customer names, else who the bill-to names, else the bill-to. One step each: whom the bill-to
    would bill for its own orders does not matter. Unknown ids are left out.
    """
    if not ids:
        return {}
    known = _read(ctx, ids)
    wanted = [id for id in dict.fromkeys(ids) if id in known]
    missing = {found for id in wanted if (found := known[id].bill_to) is not None and found not in known}
    if missing:
        known |= _read(ctx, missing)
    bill_to = {id: known[id].bill_to or id for id in wanted}
    parents = {above for id in wanted if (above := known[bill_to[id]].parent) is not None}
    top_of = tops(ctx, parents)
    return {id: _roles_of_one(known, id, bill_to[id], top_of) for id in wanted}


@dataclass(frozen=True, slots=True)
class _Named:
    """Whom a customer names."""

    parent: UUID | None
    bill_to: UUID | None
    payer: UUID | None
    ship_to: UUID | None


def _read(ctx: Context, ids: Collection[UUID]) -> dict[UUID, _Named]:
    return {
        id: _Named(parent=row.parent_id, bill_to=row.bill_to_id, payer=row.payer_id, ship_to=row.ship_to_id)
        for id, row in people(ctx, ids).items()
    }


def _roles_of_one(known: Mapping[UUID, _Named], id: UUID, bill_to: UUID, top_of: Mapping[UUID, UUID]) -> CustomerRoles:
    parent = known[bill_to].parent
    return CustomerRoles(
        buyer=id,
        bill_to=bill_to,
        payer=known[id].payer or known[bill_to].payer or bill_to,
        ship_to=known[id].ship_to or id,
        commercial=bill_to if parent is None else top_of[parent],
    )


def ancestors(ctx: Context, customer_id: UUID) -> list[UUID]:
    """The parents above a customer, nearest first; one statement per level."""
    found: list[UUID] = []
    above = ctx.scalar(select(Customer.parent_id).where(Customer.id == customer_id))
    while above is not None and above not in found and len(found) < MAX_LEVELS:
        found.append(above)
        above = ctx.scalar(select(Customer.parent_id).where(Customer.id == above))
    return found


def tops(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The topmost parent of each customer, itself if it has none; one statement per level."""
    top = {id: id for id in ids}
    todo = set(top.values())
    for _ in range(MAX_LEVELS):
        if not todo:
            break
        above = {id: row.parent_id for id, row in people(ctx, todo).items() if row.parent_id is not None}
        top = {id: above.get(found, found) for id, found in top.items()}
        todo = set(above.values())
    return top


def descendants(ctx: Context, ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """All customers below each of these; one statement per level."""
    owners: dict[UUID, set[UUID]] = {id: {id} for id in ids}
    below: dict[UUID, set[UUID]] = {id: set() for id in ids}
    for _ in range(MAX_LEVELS):
        rows = ctx.rows(select(Customer.id, Customer.parent_id).where(Customer.parent_id.in_(owners)))
        following: dict[UUID, set[UUID]] = {}
        for row in rows:
            following.setdefault(row.id, set()).update(owners[row.parent_id])
        for child, heads in following.items():
            for head in heads:
                below[head].add(child)
        owners = following
        if not owners:
            break
    return below


def height(ctx: Context, customer_id: UUID) -> int:
    """How many levels there are below a customer."""
    level, count = {customer_id}, 0
    while count < MAX_LEVELS:
        level = set(ctx.scalars(select(Customer.id).where(Customer.parent_id.in_(level))))
        if not level:
            break
        count += 1
    return count
