"""Types of the module that owns most of them, with columns that break their promise in some rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.context import Context
from huikuan.graphql import batch, column, connection, node, to_any, to_many, to_one
from huikuan.money import Money
from huikuan.values import AnyNode, Id, Ref
from kernel.tests.graphql.fuzz import rules
from kernel.tests.graphql.fuzz.depot import models
from kernel.tests.graphql.fuzz.depot.models import ShelfKind
from kernel.tests.graphql.fuzz.outputs import Label


@node(models.Room, keys=("code",), permission="depot.read")
class Room:
    """Where shelves stand."""

    code: str
    name: str = column("Promised, but null in some rows.")
    floor: int | None
    floor_text: str | None = column("A number as a text.", attribute="floor")
    area: Decimal | None
    budget: Money | None
    opened_on: date | None
    heated: bool
    shelves: Any = connection(models.Shelf, "room_id", "Its shelves.")
    spares: Any = connection(models.Shelf, "spare_room_id", "Shelves that may move here.")
    shelf_list: list[Shelf] = to_many("room_id", "Its shelves, the heavy ones first.", order_by="-weight")
    vaults: list[Vault] = to_many("room_id", "Its vaults.")

    @batch(requires=["id", "budget"])
    @staticmethod
    def half_budget(ctx: Context, rows: Sequence[Any]) -> list[Money | None]:
        """Half of it, with more digits than its currency may have."""
        return [rules.half_budget(row) for row in rows]


@node(models.Vault, keys=("code",), permission="depot.vault")
class Vault:
    """Not everybody may see it."""

    code: str
    depth: int
    room: Room | None = to_one("room_id", "Where it is.")


@node(
    models.Shelf,
    keys=("code", "label"),
    permission="depot.read",
    plural="shelves",
    order_by=("code", "label", "kind", "height", "price", "discount", "weight", "painted_on", "checked_at", "fragile"),
)
class Shelf:
    """Where boxes stand."""

    code: str
    label: str | None
    kind: ShelfKind
    height: int | None
    exact_height: Decimal | None = column("A whole number as a decimal.", attribute="height")
    kind_text: str = column("A kind as a text, which it is not.", attribute="kind")
    capacity: int = column("More than GraphQL's Int holds, in some rows.")
    price: Money
    discount: Money | None
    net: Decimal = column("Without currency.", attribute="price")
    weight: Decimal
    painted_on: date | None
    checked_at: datetime | None
    spec: dict[str, Any] | None
    odd: int | None = column("Anything at all, in some rows.")
    fragile: bool | None
    room_ref: Id[models.Room] = column("Its room, as an id.", attribute="room_id")
    spare_ref: Id[models.Room] | None = column("The other room, as an id.", attribute="spare_room_id")
    secret: str = column("Only for some.", permission="depot.secret")
    room: Room = to_one("room_id", "Promised, but missing in some rows.")
    spare_room: Room | None = to_one("spare_room_id", "Where it may go.")
    vault: Vault | None = to_one("vault_id", "What protects it.")
    boxes: Any = connection(models.Box, "shelf_id", "What stands on it.")
    secret_room: Room | None = to_one("spare_room_id", "Only for some.", permission="depot.secret")
    secret_boxes: Any = connection(models.Box, "shelf_id", "Only for some.", permission="depot.secret")
    secret_list: list[Box] = to_many("shelf_id", "Only for some.", permission="depot.secret")
    box_list: list[Box] = to_many("shelf_id", "What stands on it.", order_by=("sealed", "-sku"))

    @batch(requires=["id", "code", "weight", "room_id"])
    @staticmethod
    def own_label(ctx: Context, rows: Sequence[Any], prefix: str = "N", loud: bool = False) -> list[Label]:
        """A label for each."""
        return [rules.own_label(row, prefix, loud) for row in rows]

    @batch(requires=["id", "height"])
    @staticmethod
    def nick(ctx: Context, rows: Sequence[Any]) -> dict[UUID, str]:
        """Those of even height have one."""
        return {row.id: found for row in rows if (found := rules.nick(row)) is not None}

    @batch(requires=["room_id", "spare_room_id"])
    @staticmethod
    def rooms(ctx: Context, rows: Sequence[Any]) -> list[list[Ref[models.Room]]]:
        """Its rooms; those that are missing are left out."""
        return [rules.rooms(row) for row in rows]

    @batch(requires=["room_id", "spare_room_id"])
    @staticmethod
    def maybe_rooms(ctx: Context, rows: Sequence[Any]) -> list[list[Ref[models.Room] | None] | None]:
        """Its rooms; those that are missing are null."""
        return [rules.maybe_rooms(row) for row in rows]

    @batch(requires=["id", "room_id"])
    @staticmethod
    def around(ctx: Context, rows: Sequence[Any]) -> list[list[AnyNode | None]]:
        """Itself, its room, and nothing."""
        return [rules.around(row) for row in rows]


@node(models.Box, permission="depot.read", plural="boxes")
class Box:
    """Stands on a shelf."""

    sku: str
    grade: int | None
    sealed: bool
    content: Decimal
    ratio: float | None
    shelf: Shelf | None = to_one("shelf_id", "Where it stands.")


@node(models.Tag, permission="depot.read", order_by=("text",))
class Tag:
    """A remark about anything."""

    text: str
    subject: Any = to_any("subject_type", "subject_id", "What it is about.")


@node(models.Wish, permission=None, plural="wishes")
class Wish:
    """There are none."""

    text: str
