"""What a model declares becomes columns, keys and named constraints."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import CheckConstraint, MetaData, Table, UniqueConstraint, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import ColumnCollectionConstraint

from huikuan.db import Counter, Database, GlobalModel, Mapped, TenantModel, mapped_column, money, tenant_fk
from huikuan.db.base import NAMING
from huikuan.db.errors import ModelError
from huikuan.ids import new_id
from huikuan.money import CurrencyMismatch, ExcessDigits, Money
from kernel.tests.db.shop import Customer, Line, Order, ShopModel, State, order, trial

orders: Table = ShopModel.metadata.tables["shop_order"]
lines: Table = ShopModel.metadata.tables["shop_line"]


def test_the_table_is_named_and_owned_by_the_module() -> None:
    assert (orders.name, orders.info["module"]) == ("shop_order", "shop")
    assert (Counter.__tablename__, Counter.metadata.tables["kernel_counter"].info["module"]) == (
        "kernel_counter",
        "kernel",
    )


@pytest.mark.parametrize("table", ShopModel.metadata.sorted_tables, ids=lambda table: str(table.name))
def test_every_key_starts_with_the_tenant(table: Table) -> None:
    assert table.primary_key.columns.keys() == ["tenant_id", "id"]
    keys = [
        c.columns.keys()
        for c in table.constraints
        if isinstance(c, ColumnCollectionConstraint) and not isinstance(c, CheckConstraint)
    ]
    keys += [list(index.columns.keys()) for index in table.indexes]
    assert {key[0] for key in keys} == {"tenant_id"}


@pytest.mark.parametrize("table", ShopModel.metadata.sorted_tables, ids=lambda table: str(table.name))
def test_every_constraint_and_index_has_a_name(table: Table) -> None:
    assert all(constraint.name for constraint in table.constraints)
    assert all(index.name for index in table.indexes)


def test_a_reference_is_a_foreign_key_within_the_tenant_with_its_index() -> None:
    [key] = lines.foreign_key_constraints
    assert key.column_keys == ["tenant_id", "order_id"]
    assert [element.target_fullname for element in key.elements] == ["shop_order.tenant_id", "shop_order.id"]
    assert key.ondelete == "CASCADE"
    assert ["tenant_id", "order_id"] in [list(index.columns.keys()) for index in lines.indexes]


def test_unique_and_partial_index_are_within_the_tenant() -> None:
    [unique] = [c for c in orders.constraints if isinstance(c, UniqueConstraint)]
    assert unique.columns.keys() == ["tenant_id", "number"]
    [partial] = [index for index in orders.indexes if index.dialect_options["sqlite"]["where"] is not None]
    assert list(partial.columns.keys()) == ["tenant_id", "total"]


def test_personal_data_is_marked() -> None:
    assert Customer.metadata.tables["shop_customer"].c.name.info["pii"] is True
    assert "pii" not in orders.c.number.info


def test_an_id_is_there_before_the_flush() -> None:
    assert Customer(name="x").id.version == 7


def test_money_is_two_columns_and_one_value(database: Database) -> None:
    with trial(database) as session:
        session.add_all([order("a", deposit=Money(Decimal("12.30"), "CNY")), order("b")])
        session.flush()
        session.expunge_all()
        [found] = session.scalars(select(Order).where(Order.deposit_amount >= Decimal("12.3")))  # type: ignore[attr-defined]
        assert (found.number, found.deposit) == ("a", Money(Decimal("12.30"), "CNY"))
        assert session.scalars(select(Order.number).where(Order.deposit == found.deposit)).all() == ["a"]


def test_optional_money_is_whole_or_absent(database: Database) -> None:
    with trial(database) as session:
        customer = session.scalars(select(Customer)).one()
        assert customer.limit is None
        customer.limit = Money(Decimal(5), "JPY")
        session.flush()
        session.expire_all()
        assert customer.limit == Money(Decimal(5), "JPY")
        customer.limit = None
        session.flush()
        session.refresh(customer)
        assert customer.limit is None
        with pytest.raises(DBAPIError, match="limit_whole"), session.begin_nested():
            customer.limit_amount = Decimal(5)  # type: ignore[attr-defined]
            session.flush()


def test_unrounded_money_is_not_stored() -> None:
    with pytest.raises(ExcessDigits, match=r"call \.rounded\(\)"):
        order("a", deposit=Money(Decimal("0.10"), "CNY") * Decimal("0.5") * Decimal("0.1"))


def test_money_of_two_currencies_does_not_add_up() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(Decimal(1), "CNY") + Money(Decimal(1), "USD")


def test_a_state_is_stored_by_name_and_checked(database: Database, unguarded: Database) -> None:
    with trial(unguarded) as session:
        placed = order("a")
        session.add(placed)
        session.flush()
        bare: Any = session.get_bind()
        statement = "SELECT state FROM shop_order WHERE number = 'a'"
        assert bare.exec_driver_sql(statement).scalar() == "DRAFT"
        with pytest.raises(DBAPIError, match="ck_shop_order_state"):
            bare.exec_driver_sql("UPDATE shop_order SET state = 'LOST'")
    with trial(database) as session:
        assert session.scalars(select(Order).where(Order.state == State.DRAFT)).one().state is State.DRAFT


def test_parents_are_written_first_and_deleted_last_whatever_the_order(database: Database) -> None:
    with trial(database) as session:
        for _ in range(5):
            customer = Customer(name="x")
            placed = order(str(new_id()), customer_id=customer.id)
            rows = [Line(order_id=placed.id, sku="x"), placed, customer]
            session.add_all(rows)
            session.flush()
            for row in reversed(rows):
                session.delete(row)
            session.flush()


class PlaceModel(TenantModel):
    __abstract__ = True
    __module_name__ = "place"
    metadata = MetaData(naming_convention=NAMING)


class Aisle(PlaceModel):
    """Made before what it refers to, so that no order of their making helps."""

    shelf_id: Mapped[UUID | None] = tenant_fk("place_shelf", nullable=True)


class Shelf(PlaceModel):
    name: Mapped[str]


def test_a_changed_row_is_written_after_the_new_one_that_it_refers_to(database: Database) -> None:
    PlaceModel.metadata.create_all(database.engine)
    with trial(database) as session:
        aisle = Aisle()
        session.add(aisle)
        session.flush()
        shelf = Shelf(name="x")
        session.add(shelf)
        aisle.shelf_id = shelf.id
        session.flush()
        assert session.scalars(select(Aisle.shelf_id)).all() == [shelf.id]


def test_a_module_has_no_table_without_tenant() -> None:
    with pytest.raises(ModelError, match="belong to the kernel"):

        class Setting(GlobalModel):
            __module_name__ = "shop"
            metadata = MetaData()
            id: Mapped[int] = mapped_column(primary_key=True)


def test_money_needs_its_type_written() -> None:
    with pytest.raises(ModelError, match=r"total: Mapped\[Money\]"):

        class Quote(TenantModel):
            __module_name__ = "shop"
            metadata = MetaData()
            total = money()
