"""Data sets: the same rows as plain Python objects and in the tables of a tenant."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert

from huikuan.money import Money
from kernel.tests.graphql.fuzz.depot import models as depot
from kernel.tests.graphql.fuzz.survey import models as survey

MODELS: dict[str, type[Any]] = {
    "Room": depot.Room,
    "Vault": depot.Vault,
    "Shelf": depot.Shelf,
    "Box": depot.Box,
    "Tag": depot.Tag,
    "Visit": survey.Visit,
    "Wish": depot.Wish,
}
SHAPES: dict[str, tuple[int, ...]] = {
    "small": (2, 2, 5, 8, 4, 7),
    "empty": (0, 0, 0, 0, 0, 0),
    "one": (1, 1, 1, 1, 1, 1),
    "usual": (4, 2, 10, 18, 8, 14),
    "no parents": (0, 0, 4, 6, 3, 5),
    "many": (5, 3, 60, 75, 10, 70),
}
"""Rows of each type but the last, whose table stays empty; ``many`` is more than a page."""
TEXTS = ("A", "a", "b1", "B_2", "c%3", "Z", "", "货架", "é", "😀", 'q"\\n\n\t\x7f', "</s>\u2028")
MOMENTS = tuple(datetime(2026, 1, 1 + place, 8, 30, tzinfo=UTC) + timedelta(microseconds=place) for place in range(4))
DAYS = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28))
AMOUNTS = tuple(map(Decimal, ("0", "1.5", "10", "10.0001", "-2.25", "1234567.89")))
CURRENCIES = ("CNY", "JPY", "KWD")
RATIOS = (0.0, 1.5, -2.25, 3.0, 1e20)
JSONS: tuple[Any, ...] = (
    {},
    {"a": 1, "b": [1, None, "x"]},
    {"ä": {"deep": [True, {}]}},
    {"f": 1.5, "n": None, "big": 2**60, "text": 'a "quoted"\n text 😀'},
    [],
    [1, "two"],
    "a text",
    "12",
    0,
    -7,
    2.5,
    False,
)
"""Keys stand as PostgreSQL keeps them: the short ones first."""
ODDS: tuple[Any, ...] = (0, 1, -5, "text", 2**31, True, [1], {"a": 1}, 7.0, 7.5)


@dataclass
class World:
    """One data set. Rows have the attributes of their model; ``type_name`` says which."""

    name: str
    rows: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index()

    def index(self) -> None:
        self.by_id = {(name, row.id): row for name, rows in self.rows.items() for row in rows}

    def get(self, type_name: str, id: UUID | None) -> Any | None:
        return self.by_id.get((type_name, id)) if id is not None else None

    def copy(self) -> World:
        """One that may be changed without changing this one."""
        return World(self.name, copy.deepcopy(self.rows))


class _Maker:
    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.rows: dict[str, list[Any]] = {name: [] for name in MODELS}

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128))

    def maybe(self, values: Sequence[Any], share: float = 0.3) -> Any:
        return None if self.random.random() < share else self.random.choice(values)

    def reference(self, type_name: str, missing: float) -> UUID:
        """The id of a row, or one that nobody has."""
        rows = self.rows[type_name]
        return self.id() if not rows or self.random.random() < missing else self.random.choice(rows).id

    def add(self, type_name: str, **values: Any) -> None:
        times = {"created_at": self.random.choice(MOMENTS), "updated_at": self.random.choice(MOMENTS)}
        self.rows[type_name].append(SimpleNamespace(type_name=type_name, id=self.id(), **values, **times))

    def room(self, place: int) -> None:
        random = self.random
        money = Money(random.choice(AMOUNTS[:3]).quantize(Decimal(1)), random.choice(CURRENCIES))
        budget = None if random.random() < 0.4 else money
        self.add(
            "Room",
            code=f"R{place}",
            name=self.maybe(TEXTS, 0.12),
            floor=self.maybe((-1, 0, 1, 2)),
            area=self.maybe(AMOUNTS),
            budget=budget,
            budget_amount=None if budget is None else budget.amount,
            budget_currency=None if budget is None else budget.currency,
            opened_on=self.maybe(DAYS),
            heated=random.random() < 0.5,
        )

    def vault(self, place: int) -> None:
        room = None if self.random.random() < 0.3 else self.reference("Room", 0.2)
        self.add("Vault", code=f"V{place}", room_id=room, depth=place * 10)

    def shelf(self, place: int) -> None:
        random = self.random
        spare, vault = self.reference("Room", 0.2), self.reference("Vault", 0.2)
        self.add(
            "Shelf",
            code=random.choice(("S1", "S1", f"S{place}", f"s{place}")),
            label=self.maybe((*TEXTS, f"L{place}")),
            room_id=self.reference("Room", 0.08),
            spare_room_id=None if random.random() < 0.4 else spare,
            vault_id=None if random.random() < 0.4 else vault,
            kind=random.choice(list(depot.ShelfKind)),
            height=self.maybe((0, 1, 2, 3, 2**31 - 1), 0.25),
            capacity=random.choice((1, 2, 2, 3, 2**31 - 1) if random.random() < 0.9 else (2**31, -(2**40))),
            currency="XXX" if random.random() < 0.04 else random.choice(CURRENCIES[:2]),
            price=random.choice(AMOUNTS[:1] + AMOUNTS[2:3] + (Decimal(-7), Decimal(100))),
            discount=self.maybe((Decimal(0), Decimal(3), Decimal(-4))),
            weight=random.choice((*AMOUNTS, Decimal("0.000001"))),
            painted_on=self.maybe(DAYS),
            checked_at=self.maybe(MOMENTS),
            spec=self.maybe(JSONS),
            odd=self.maybe(ODDS if random.random() < 0.5 else ODDS[:3]),
            fragile=self.maybe((True, False)),
            secret=f"secret {place}",
        )

    def box(self, place: int) -> None:
        shelf = None if self.random.random() < 0.1 else self.reference("Shelf", 0.1)
        self.add(
            "Box",
            sku=f"{self.random.choice(TEXTS)}{place}",
            shelf_id=shelf,
            grade=self.maybe((1, 2, 3)),
            sealed=self.random.random() < 0.5,
            content=self.random.choice(AMOUNTS),
            ratio=self.maybe(RATIOS),
        )

    def tag(self, place: int) -> None:
        subject = self.random.choice(("Room", "Shelf", "Shelf", "Box", "Tag", "Visit", "Vault", "Wish", "Ghost"))
        known = "Tag" if subject == "Ghost" else subject
        self.add("Tag", subject_type=subject, subject_id=self.reference(known, 0.2), text=self.random.choice(TEXTS))

    def visit(self, place: int) -> None:
        random = self.random
        fee = Money(random.choice((Decimal(0), Decimal(5), Decimal(12))), random.choice(CURRENCIES))
        self.add(
            "Visit",
            shelf_id=self.reference("Shelf", 0.06),
            visited_at=random.choice(MOMENTS),
            verdict=self.maybe(list(survey.Verdict)),
            score=self.maybe((1, 2, 3)),
            fee=fee,
            fee_amount=fee.amount,
            fee_currency=fee.currency,
        )


def make_world(seed: int, number: int) -> World:
    """The data set of this number; their shapes take turns."""
    shape = list(SHAPES)[number % len(SHAPES)]
    maker = _Maker(f"{seed}.{number}")
    makers = (maker.room, maker.vault, maker.shelf, maker.box, maker.tag, maker.visit)
    for make, count in zip(makers, SHAPES[shape], strict=True):
        for place in range(count):
            make(place)
    return World(shape, maker.rows)


def store(connection: Connection, tenant_id: UUID, world: World) -> None:
    """Let the tenant's tables hold exactly these rows."""
    for name, model in MODELS.items():
        table = model.__table__
        connection.execute(delete(table).where(table.c.tenant_id == tenant_id))
        columns = [column.key for column in table.c if column.key != "tenant_id"]
        rows = [{"tenant_id": tenant_id, **{key: getattr(row, key) for key in columns}} for row in world.rows[name]]
        if rows:
            connection.execute(insert(table), rows)
