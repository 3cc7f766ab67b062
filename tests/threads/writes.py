"""What a thread writes: commands over GraphQL, with the payloads that they must answer."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.graphql.ids import encode_id
from huikuan_orders.snapshots import OrderStatus
from huikuan_orders.states import State, allowed
from tests.threads.asks import Ask, Estate
from tests.threads.selections import Maker, Selection
from tests.threads.town import Tenant

__all__ = ["MOST_ORDERS", "WRITES", "Kind", "Settle", "Write", "create_order", "make_estate"]

CUSTOMERS = 4
"""Of each thread: one, and its children."""
MOST_ORDERS = 40

Settle = Callable[[str, Mapping[str, Any]], None]

_numbers = itertools.count()


@dataclass(frozen=True)
class Write(Ask):
    """A mutation; ``settle`` notes in the estate what the payload at each key says was done."""

    settle: Settle


def make_estate(tenant: Tenant, number: int) -> Estate:
    """The customers of one thread, and no order yet."""
    product = {"__typename": "Product", "sku": "A1", "name": tenant.text("Goods"), "listPrice": "100"}
    estate = Estate([], [], product)
    for place in range(CUSTOMERS):
        parent = estate.customers[0] if place else None
        given = {
            "code": f"C{number:02}-{place}",
            "name": tenant.text(f"Name {next(_numbers):09}"),
            "note": tenant.text("Note") if place % 2 else None,
            "currency": "EUR",
            "tags": sorted(tenant.text(f"tag {tag}") for tag in range(place)),
        }
        above = {"parent": {"code": parent["code"]}} if parent else {}
        id = tenant.run("customer_create", input={**given, **above})["customer"]
        estate.customers.append(_customer(id, given, parent))
    return estate


def _customer(id: str, given: dict[str, Any], parent: dict[str, Any] | None) -> dict[str, Any]:
    found = {
        **given,
        "__typename": "Customer",
        "id": encode_id("Customer", UUID(id)),
        "language": "en",
        "taxId": None,
        "discountPercentInForce": "0",
        "parent": parent,
        "children": [],
        "orders": [],
    }
    found["roles"] = {"billTo": found, "commercial": parent or found}
    if parent is not None:
        parent["children"].append(found)
    return found


# --- customers ----------------------------------------------------------------------------------


def rename(maker: Maker, tenant: Tenant, estate: Estate) -> Write:
    """Another name for a customer."""
    selection, customer, name = _renaming(maker, tenant, estate)
    input_ = maker.variable("input", "CustomerChangeInput!", {"name": name})
    id = maker.variable("id", "ID!", customer["id"])
    text = f"customerUpdate(id: {id}, input: {input_}) {{ customer {selection.text()} refusals {{ code }} }}"

    def expected(_names: frozenset[str]) -> dict[str, Any]:
        return {"customerUpdate": {"customer": selection.answer(customer), "refusals": []}}

    document = maker.document(text, "mutation")

    def settle(_key: str, _payload: Mapping[str, Any]) -> None:
        customer["name"] = name

    return Write(document, maker.values, frozenset(maker.needs), expected, settle)


def rename_two(maker: Maker, tenant: Tenant, estate: Estate) -> Write:
    """Two commands in one document: each payload is read after its own command and before the next one."""
    selection, customer, name = _renaming(maker, tenant, estate)
    given = {"first": tenant.text(f"Name {next(_numbers):09}"), "second": name}
    id = maker.variable("id", "ID!", customer["id"])
    parts = [
        f"{key}: customerUpdate(id: {id}, input: {{ name: {maker.variable(key, 'String!', text)} }})"
        f" {{ customer {selection.text()} }}"
        for key, text in given.items()
    ]

    def settle(key: str, _payload: Mapping[str, Any]) -> None:
        customer["name"] = given[key]

    def expected(_names: frozenset[str]) -> dict[str, Any]:
        found = {}
        for key, text in given.items():
            customer["name"] = text
            found[key] = {"customer": selection.answer(customer)}
        return found

    return Write(maker.document(" ".join(parts), "mutation"), maker.values, frozenset(maker.needs), expected, settle)


def _renaming(maker: Maker, tenant: Tenant, estate: Estate) -> tuple[Selection, dict[str, Any], str]:
    name = tenant.text(f"Name {next(_numbers):09}")
    return maker.selection("Customer", 2), maker.given.choice(estate.customers), name


# --- orders -------------------------------------------------------------------------------------


def create_order(maker: Maker, tenant: Tenant, estate: Estate) -> Write:
    """A new order of a few lines; its id and number are the kernel's choice, all else is known."""
    selection = maker.selection("Order", 2)
    order = _draft(maker, tenant, estate)
    lines = [
        {"sku": "A1", "quantity": line["quantity"]}
        if line["sku"]
        else {name: line[name] for name in ("quantity", "unitPrice", "description")}
        for line in order["lines"]
    ]
    given = {"customer": {"code": order["customer"]["code"]}, "lines": lines}
    given |= {"notes": order["notes"], "reference": order["reference"]}
    input_ = maker.variable("input", "OrderCreateInput!", given)
    text = f"orderCreate(input: {input_}) {{ order {{ id number }} shown: order {selection.text()} }}"

    def settle(_key: str, payload: Mapping[str, Any]) -> None:
        if order in estate.orders:
            return
        order.update(payload["order"])
        estate.orders.append(order)
        order["customer"]["orders"].append(order)

    def expected(_names: frozenset[str]) -> dict[str, Any]:
        shown = {"order": {"id": order["id"], "number": order["number"]}, "shown": selection.answer(order)}
        return {"orderCreate": shown}

    return Write(maker.document(text, "mutation"), maker.values, frozenset(maker.needs), expected, settle)


def confirm_order(maker: Maker, tenant: Tenant, estate: Estate) -> Write:
    """Confirm an order, perhaps once more."""
    selection, order = maker.selection("Order", 2), maker.given.choice(estate.orders)
    id = maker.variable("id", "ID!", order["id"])
    text = f"orderConfirm(id: {id}) {{ order {selection.text()} refusals {{ code }} }}"

    def settle(_key: str, _payload: Mapping[str, Any]) -> None:
        order.update(_state(OrderStatus.CONFIRMED), originalTotal=order["total"])

    def expected(_names: frozenset[str]) -> dict[str, Any]:
        return {"orderConfirm": {"order": selection.answer(order), "refusals": []}}

    return Write(maker.document(text, "mutation"), maker.values, frozenset(maker.needs), expected, settle)


def _draft(maker: Maker, tenant: Tenant, estate: Estate) -> dict[str, Any]:
    # Few customers with many orders each, so that their pages are full.
    customer, number = maker.given.choice(estate.customers[:2]), next(_numbers)
    order: dict[str, Any] = {
        **_state(OrderStatus.DRAFT),
        "__typename": "Order",
        "kind": "SALE",
        "reference": f"R{number}",
        "notes": tenant.text(f"Notes {number}"),
        "currency": "EUR",
        "customer": customer,
        "billTo": customer,
        "originalTotal": None,
    }
    count = maker.given.randint(1, 3)
    order["lines"] = [_line(maker.given, tenant, estate, order, place + 1) for place in range(count)]
    total = sum((Decimal(line["gross"]["amount"]) for line in order["lines"]), Decimal(0))
    order.update(net=_euros(total), tax=_euros(Decimal(0)), total=_euros(total))
    return order


def _line(rng: random.Random, tenant: Tenant, estate: Estate, order: Any, position: int) -> dict[str, Any]:
    goods = rng.random() < 0.5
    quantity, price = rng.randint(1, 9), Decimal(100) if goods else Decimal(rng.randint(1, 9_999)) / 100
    return {
        "__typename": "OrderLine",
        "position": position,
        "sku": "A1" if goods else None,
        "description": estate.product["name"] if goods else tenant.text(f"Line {position}"),
        "quantity": str(quantity),
        "unitPrice": f"{price.normalize():f}",
        "discountPercent": "0",
        "gross": _euros(quantity * price),
        "order": order,
        "product": estate.product if goods else None,
    }


def _state(status: OrderStatus) -> dict[str, Any]:
    return {"status": status.name, "allowedTransitions": [action.name for action in allowed(State(status))]}


def _euros(amount: Decimal) -> dict[str, str]:
    return {"amount": f"{amount:.2f}", "currency": "EUR"}


Kind = Callable[[Maker, Tenant, Estate], Write]
WRITES: dict[Kind, int] = {
    rename: 2,
    rename_two: 1,
    create_order: 4,
    confirm_order: 2,
}
