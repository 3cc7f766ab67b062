"""Third-party modules for tests, written to a folder and found there as pip would leave them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from typing import Any

from huikuan.catalog import ENTRY_POINTS, ModuleCatalog

__all__ = ["HOOKS", "VERSION", "acme_fault", "behaviour_of_acme_fault", "beside", "entry_points_of", "write_module"]

VERSION = "1.2.3"
HOOKS = ("orders_confirm_locks", "orders_before_confirm", "orders_price_line", "orders_after_confirm")
"""Hooks of acme_fault: a contribution, a veto, a change and a reaction."""

ACME_FAULT = {
    "__init__.py": """
        from huikuan import Module

        module = Module(name="acme_fault", title="Fault", requires=["orders"])
    """,
    "behaviour.py": """
        BEHAVIOUR = {}


        def act(name, *arguments):
            return BEHAVIOUR[name](*arguments) if name in BEHAVIOUR else None
    """,
    "errors.py": """
        from huikuan import RefusalCode

        ACME_FAULT_NO = RefusalCode("ACME_FAULT_NO", "The partner says no.")
    """,
    "models.py": """
        from uuid import UUID

        from huikuan.db import Mapped, TenantModel, tenant_fk


        class Mark(TenantModel):
            order_id: Mapped[UUID] = tenant_fk("orders_order")
            text: Mapped[str]
    """,
    "hooks.py": """
        from acme_fault.behaviour import act
        from huikuan import hookimpl


        @hookimpl
        def orders_confirm_locks(ctx, order):
            return act("orders_confirm_locks", ctx, order)


        @hookimpl
        def orders_before_confirm(ctx, order):
            return act("orders_before_confirm", ctx, order)


        @hookimpl(trylast=True)
        def orders_price_line(ctx, line):
            return act("orders_price_line", ctx, line)


        @hookimpl
        def orders_after_confirm(ctx, order):
            return act("orders_after_confirm", ctx, order)
    """,
    "subscribers.py": """
        from acme_fault.behaviour import act
        from huikuan import Context, subscribe
        from huikuan_orders.events import OrderConfirmed


        @subscribe(OrderConfirmed)
        def note_confirmed(ctx: Context, event: OrderConfirmed) -> None:
            act("note_confirmed", ctx, event)
    """,
    "commands.py": """
        from acme_fault.behaviour import act
        from acme_fault.models import Mark
        from huikuan import Context, Ref, command
        from huikuan_orders.types import Order


        @command(idempotency="natural", permission=None, payload="text")
        def acme_fault_mark(ctx: Context, order: Ref[Order], text: str) -> str:
            "Mark an order."
            mark = ctx.add(Mark(order_id=order.id, text=text))
            ctx.flush()
            act("acme_fault_mark", ctx, mark)
            return text
    """,
    "graphql.py": """
        from acme_fault.behaviour import act
        from huikuan import Context
        from huikuan.graphql import batch, extend
        from huikuan_orders.types import Order


        @extend(Order)
        class OrderFault:
            @batch(requires=["id"])
            def acme_fault(ctx: Context, orders: list) -> list[str]:
                "What the partner says of it."
                return act("acme_fault", ctx, orders) or ["fine" for order in orders]
    """,
    "migrations/0001_marks.py": """
        import sqlalchemy as sa
        from alembic import op

        from huikuan.db import types

        revision = "0001"
        down_revision = None


        def upgrade() -> None:
            op.create_tenant_table(
                "acme_fault_mark",
                sa.Column("tenant_id", sa.Uuid(), nullable=False),
                sa.Column("id", sa.Uuid(), nullable=False),
                sa.Column("order_id", sa.Uuid(), nullable=False),
                sa.Column("text", sa.String(), nullable=False),
                sa.Column("created_at", types.UtcDateTime(), nullable=False),
                sa.Column("updated_at", types.UtcDateTime(), nullable=False),
                sa.ForeignKeyConstraint(
                    ["tenant_id", "order_id"], ["orders_order.tenant_id", "orders_order.id"],
                    name=op.f("fk_acme_fault_mark_tenant_id_order_id"), ondelete="RESTRICT",
                ),
                sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_acme_fault_mark")),
            )
            with op.batch_alter_table("acme_fault_mark", schema=None) as batch_op:
                batch_op.create_index(batch_op.f("ix_acme_fault_mark_tenant_id_order_id"), ["tenant_id", "order_id"])
    """,
}


def write_module(site: Path, name: str, files: Mapping[str, str]) -> None:
    """Write a package to ``site``, and what `pip install` leaves beside it to ``site/info``.

    Two folders, because what python finds beside its packages is installed for every test of the process.
    """
    for path, text in files.items():
        file = site / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(line.removeprefix("        ") for line in text.strip("\n").splitlines()) + "\n")
    info = site / "info" / f"{name}-{VERSION}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {VERSION}\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{name} = {name}:module\n")


def entry_points_of(site: Path) -> list[tuple[str, EntryPoint]]:
    """What is installed in ``site``; python finds its packages from now on."""
    if str(site) not in sys.path:
        sys.path.append(str(site))
        importlib.invalidate_caches()
    points = (point for found in distributions(path=[str(site / "info")]) for point in found.entry_points)
    return [(point.name, point) for point in points if point.group == ENTRY_POINTS]


def beside(installed: ModuleCatalog, site: Path, name: str, files: Mapping[str, str]) -> ModuleCatalog:
    """These modules with another one beside them; at most once in a process, whose tests share one metadata."""
    write_module(site, name, files)
    ours = [(item.name, EntryPoint(item.name, f"{item.package}:module", ENTRY_POINTS)) for item in installed]
    found = ModuleCatalog.of([*ours, *entry_points_of(site)])
    return ModuleCatalog([*installed, found.get(name)])


def acme_fault(site: Path, installed: ModuleCatalog) -> ModuleCatalog:
    """These modules with acme_fault beside them."""
    return beside(installed, site, "acme_fault", ACME_FAULT)


def behaviour_of_acme_fault() -> dict[str, Callable[..., Any]]:
    """What acme_fault does, by the name of its hook, subscriber, command or field; a test fills it in."""
    found: dict[str, Callable[..., Any]] = importlib.import_module("acme_fault.behaviour").BEHAVIOUR
    return found
