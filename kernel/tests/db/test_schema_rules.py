"""Tables that break the rules are found, each with its module, its name and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    func,
)

from huikuan.core import directory, models
from huikuan.db.base import NAMING, Base
from huikuan.db.schema_rules import violations

CUSTOMER = ("customers_customer.tenant_id", "customers_customer.id")


def metadata() -> MetaData:
    """A good table without tenant, and a good one with."""
    made = MetaData(naming_convention=NAMING)
    Table("kernel_currency", made, Column("code", String(3), primary_key=True), info={"module": "kernel"})
    tenant_table(made, "customers_customer", Column("name", String))
    return made


def tenant_table(made: MetaData, name: str, *parts: Column[object] | object, module: str = "") -> Table:
    """A table that keeps the rules, plus `parts`."""
    keys = [Column("tenant_id", Uuid, primary_key=True), Column("id", Uuid, primary_key=True)]
    info = {"module": module or name.partition("_")[0], "tenant": True}
    return Table(name, made, *keys, *parts, info=info)  # type: ignore[arg-type]


def found(made: MetaData, requires: dict[str, list[str]] | None = None) -> list[str]:
    return violations(made, {"kernel_currency"}, requires or {"orders": ["customers"]})


def test_good_tables_pass() -> None:
    made = metadata()
    tenant_table(
        made,
        "orders_order",
        Column("customer_id", Uuid),
        Column("currency", String(3)),
        Column("number", String),
        ForeignKeyConstraint(["tenant_id", "customer_id"], CUSTOMER, ondelete="RESTRICT"),
        ForeignKeyConstraint(["currency"], ["kernel_currency.code"]),
        UniqueConstraint("tenant_id", "number"),
        Index(None, "tenant_id", "customer_id"),
    )
    assert found(made) == []


def test_the_kernels_own_tables_pass() -> None:
    assert directory.Tenant.metadata is models.User.metadata is Base.metadata
    own = {t.name for t in Base.metadata.tables.values() if t.info.get("module") == "kernel"}
    without_tenant = {t for t in own if not Base.metadata.tables[t].info["tenant"]}
    breaches = [line for line in violations(Base.metadata, without_tenant) if line.startswith("kernel:")]
    assert breaches == []


BAD: dict[str, tuple[list[Any], str]] = {
    "id made by the database": (
        [Column("nr", Integer, Identity())],
        "orders: orders_order: nr is numbered by the database",
    ),
    "autoincrement": ([Column("nr", Integer, autoincrement=True)], "nr has autoincrement"),
    "volatile default": (
        [Column("at", String, server_default=func.now())],
        "at gets its default from a function",
    ),
    "unique across tenants": ([Column("nr", String), UniqueConstraint("nr")], "must start with tenant_id"),
    "unique column": ([Column("nr", String, unique=True)], "must start with tenant_id"),
    "index across tenants": (
        [Column("nr", String, index=True)],
        "ix_orders_order_nr must start with tenant_id",
    ),
    "index on an expression": (
        [Column("nr", String), Index("ix_lower", func.lower("nr"))],
        "ix_lower must start with tenant_id",
    ),
    "key without tenant": (
        [
            Column("customer_id", Uuid),
            ForeignKeyConstraint(["customer_id"], ["customers_customer.id"]),
        ],
        "must lead from (tenant_id, …) to (tenant_id, id) of customers_customer",
    ),
    "set null": (
        [
            Column("customer_id", Uuid),
            ForeignKeyConstraint(["tenant_id", "customer_id"], CUSTOMER, ondelete="SET NULL"),
        ],
        "uses SET …; use RESTRICT or CASCADE",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_tenant_table_is_named(case: str) -> None:
    parts, message = BAD[case]
    made = metadata()
    tenant_table(made, "orders_order", *parts)
    (line,) = found(made)
    assert message in line


def test_a_table_needs_a_tenant() -> None:
    made = metadata()
    Table("orders_order", made, Column("id", Uuid, primary_key=True), info={"module": "orders"})
    assert found(made) == ["orders: orders_order: no tenant_id; derive its model from TenantModel"]


def test_the_tenant_is_a_uuid_and_leads_the_key() -> None:
    made = metadata()
    columns = [Column("id", Uuid), Column("tenant_id", String), PrimaryKeyConstraint("id", "tenant_id")]
    Table("orders_order", made, *columns, info={"module": "orders", "tenant": True})
    assert found(made) == [
        "orders: orders_order: tenant_id must be a UUID",
        "orders: orders_order: its primary key must be (tenant_id, id)",
    ]


def test_a_table_without_tenant_may_not_point_to_one_with() -> None:
    made = metadata()
    columns = [Column("code", String, primary_key=True), Column("t", Uuid), Column("c", Uuid)]
    key = ForeignKeyConstraint(["t", "c"], CUSTOMER)
    Table("kernel_unit", made, *columns, key, info={"module": "kernel"})
    lines = violations(made, {"kernel_currency", "kernel_unit"})
    assert lines == ["kernel: kernel_unit: it has no tenant, so it may not point to customers_customer"]


def test_only_the_kernel_has_tables_without_tenant() -> None:
    made = metadata()
    Table("orders_unit", made, Column("code", String, primary_key=True), info={"module": "orders"})
    assert violations(made, {"kernel_currency", "orders_unit"}) == [
        "orders: orders_unit: only the kernel has tables without tenant"
    ]


def test_a_table_bears_its_modules_name() -> None:
    made = metadata()
    tenant_table(made, "order", module="orders")
    assert found(made) == ["orders: order: its name must start with 'orders_'"]


def test_a_table_has_an_owner() -> None:
    made = metadata()
    columns = [Column("tenant_id", Uuid, primary_key=True), Column("id", Uuid, primary_key=True)]
    Table("stray", made, *columns)
    assert found(made) == ["unknown module: stray: no module owns it; derive its model from TenantModel"]


def test_every_constraint_has_a_name() -> None:
    made = MetaData()
    tenant_table(made, "orders_order", Column("nr", String), UniqueConstraint("tenant_id", "nr"))
    lines = violations(made, ())
    assert any("a UniqueConstraint has no name" in line for line in lines)
    assert any("a PrimaryKeyConstraint has no name" in line for line in lines)


def test_a_key_between_modules_needs_a_declared_requirement() -> None:
    made = metadata()
    key = ForeignKeyConstraint(["tenant_id", "customer_id"], CUSTOMER)
    tenant_table(made, "credit_limit", Column("customer_id", Uuid), key)
    assert found(made, {"credit": ["customers"]}) == []
    (line,) = found(made, {"credit": []})
    assert line.endswith("points to customers_customer, but credit does not require customers")
