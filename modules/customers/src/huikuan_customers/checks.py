"""What is checked before a customer is written: keys, duplicates, references, the family."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from huikuan import Context, Level, Refusal
from huikuan.db import TenantModel
from huikuan_customers import values
from huikuan_customers.errors import ACCOUNT_TAKEN, ARCHIVED, CODE_TAKEN, FAMILY_CYCLE, FAMILY_TOO_DEEP, TAX_ID_TAKEN
from huikuan_customers.family import MAX_LEVELS, ancestors, height, tops
from huikuan_customers.models import BankAccount, Customer, CustomerGroup, PaymentTerms

__all__ = ["check_account", "check_code", "check_parent", "check_tax_id", "usable"]


def check_code(
    ctx: Context, model: type[Customer | CustomerGroup | PaymentTerms], code: str, own: UUID | None = None
) -> str:
    """The code as stored, if nobody else has it."""
    code = values.code(code)
    found = ctx.find(model, code=code)
    if found is not None and found.id != own:
        ctx.refuse(Refusal(CODE_TAKEN, f"The code {code!r} is taken.", field="code"))
    return code


def usable(ctx: Context, model: type[TenantModel], reference: Any, field: str) -> UUID | None:
    """The id behind a reference, if what it names is not archived."""
    if reference is None:
        return None
    row: Any = ctx.get(model, reference.id)
    if getattr(row, "archived_at", None) is not None:
        ctx.refuse(Refusal(ARCHIVED, f"{row.code} is archived.", field=field, advice="Unarchive it, or name another."))
    found: UUID = row.id
    return found


def check_parent(ctx: Context, customer_id: UUID | None, parent_id: UUID | None) -> None:
    """No customer stands above itself, and families stay shallow."""
    if parent_id is None:
        return
    above = [parent_id, *ancestors(ctx, parent_id)]
    if customer_id in above:
        ctx.refuse(Refusal(FAMILY_CYCLE, "A customer cannot stand above itself.", field="parent"))
    below = 0 if customer_id is None else height(ctx, customer_id)
    if len(above) + below >= MAX_LEVELS:
        message = f"A family has at most {MAX_LEVELS} levels."
        ctx.refuse(Refusal(FAMILY_TOO_DEEP, message, field="parent", advice="Name a company further up."))


def check_tax_id(ctx: Context, tax_id: str | None, customer_id: UUID | None, parent_id: UUID | None) -> None:
    """One legal entity is one customer; only members of a family may share a tax id."""
    if tax_id is None:
        return
    statement = select(Customer.id, Customer.code, Customer.archived_at).where(Customer.tax_id == tax_id)
    others = [row for row in ctx.rows(statement) if row.id != customer_id]
    if not others:
        return
    own_top = customer_id if parent_id is None else tops(ctx, [parent_id])[parent_id]
    top_of = tops(ctx, [row.id for row in others])
    for row in others:
        if top_of[row.id] != own_top:
            _refuse_tax_id(ctx, tax_id, row.code, archived=row.archived_at is not None)


def _refuse_tax_id(ctx: Context, tax_id: str, code: str, *, archived: bool) -> None:
    ctx.refuse(
        Refusal(
            TAX_ID_TAKEN,
            f"Customer {code} has this tax id{' and is archived' if archived else ''}.",
            field="taxId",
            advice=f"Unarchive {code}." if archived else f"Use {code}, or make one the parent of the other.",
            customer=code,
        )
    )


def check_account(ctx: Context, number: str, family: Collection[UUID]) -> None:
    """Warn of another customer with the same bank account: factors and groups share some rightly."""
    statement = select(BankAccount.customer_id, Customer.code).join(
        Customer, (Customer.id == BankAccount.customer_id) & (Customer.tenant_id == BankAccount.tenant_id)
    )
    for row in ctx.rows(statement.where(BankAccount.number == number).order_by(Customer.code)):
        if row.customer_id not in family:
            ctx.warn(
                Refusal(
                    ACCOUNT_TAKEN,
                    f"Customer {row.code} has this bank account too.",
                    level=Level.WARN,
                    field="number",
                    customer=row.code,
                )
            )
