"""What tests read of goods."""

from __future__ import annotations

from typing import Any

from huikuan.testing.shop import Answer, Shop

ROWS = """query { reservations(orderBy: [CREATED_AT_ASC]) { nodes {
  id reference ordered reserved shipped returned cancelled open short state priority promisedOn
  product { sku } schedule { quantity on } } } }"""
DEMANDS = """query { demands { nodes { id kind state quantity neededOn eta reason product { sku } } } }"""
SHIPMENTS = """query { shipments { nodes { id number state lines { position quantity returned product { sku } } } } }"""
WARNINGS = """query { stockWarnings { kind available short lateUntil item { product { sku } }
  reservations { id } heldUp { amount currency } } }"""
MOVES = """query { stockMoves { nodes { kind quantity balance sequence item { product { sku } } } } }"""


def line(sku: str | None, quantity: str, **more: Any) -> dict[str, Any]:
    """An input line of an order, where orders is installed."""
    return {**({"sku": sku} if sku else {}), "quantity": quantity, **more}


def reservations(shop: Shop) -> list[dict[str, Any]]:
    """All reservations, the oldest first."""
    return list(shop.query(ROWS)["reservations"]["nodes"])


def figures(shop: Shop) -> list[tuple[str, str, str, str, str]]:
    """Ordered, reserved, shipped, cancelled and state of all reservations."""
    names = ("ordered", "reserved", "shipped", "cancelled", "state")
    return [tuple(row[name] for name in names) for row in reservations(shop)]


def demands(shop: Shop, kind: str = "PRODUCTION") -> list[dict[str, Any]]:
    """All demands of a kind."""
    return [row for row in shop.query(DEMANDS)["demands"]["nodes"] if row["kind"] == kind]


def shipments(shop: Shop) -> list[dict[str, Any]]:
    """All shipments."""
    return list(shop.query(SHIPMENTS)["shipments"]["nodes"])


def warnings(shop: Shop) -> list[dict[str, Any]]:
    """All warnings."""
    return list(shop.query(WARNINGS)["stockWarnings"])


def moves(shop: Shop) -> list[tuple[str, str, str]]:
    """Kind, quantity and balance of all moves."""
    nodes = shop.query(MOVES)["stockMoves"]["nodes"]
    return [(node["kind"], node["quantity"], node["balance"]) for node in nodes]


def plan(shop: Shop, *lines: tuple[str, str | None], **more: Any) -> Answer:
    """Plan a shipment of these reservations."""
    given = [
        {"reservation": {"id": id}, **({} if quantity is None else {"quantity": quantity})} for id, quantity in lines
    ]
    return shop.mutate("shipmentCreate", lines=given, **more)


def ship_order(shop: Shop, order: Any) -> str:
    """Ship all that is reserved for an order; returns the shipment's id."""
    planned = shop.mutate("shipmentCreateForOrder", order={"id": order.id})["shipment"]
    shipped: str = shop.mutate("shipmentShip", id=planned["id"])["shipment"]["id"]
    return shipped
