"""Customer groups."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from huikuan import Context, Id, Ref, command
from huikuan_customers import values
from huikuan_customers.checks import check_code, usable
from huikuan_customers.inputs import CustomerGroupChange
from huikuan_customers.models import CustomerGroup, PaymentTerms
from huikuan_customers.writing import assign, given

__all__ = ["customer_group_create", "customer_group_update"]


@command(permission="customers.terms", idempotency="natural")
def customer_group_create(
    ctx: Context,
    code: Annotated[str, "Your own key of the group; never used twice."],
    name: Annotated[str, "Name of the group."],
    payment_terms: Annotated[Ref[PaymentTerms] | None, "Left out: the company's."] = None,
    discount_percent: Annotated[Decimal | None, "Standing discount; 0 is none, left out: the company's."] = None,
) -> CustomerGroup:
    """Make a group of customers with common defaults; what is left out comes from the settings."""
    return ctx.add(
        CustomerGroup(
            code=check_code(ctx, CustomerGroup, code),
            name=values.text(name, "name"),
            payment_terms_id=usable(ctx, PaymentTerms, payment_terms, "paymentTerms"),
            discount_percent=values.percent(discount_percent),
        )
    )


@command(permission="customers.terms", idempotency="natural")
def customer_group_update(ctx: Context, id: Id[CustomerGroup], input: CustomerGroupChange) -> CustomerGroup:
    """Change a group; what the input leaves out stays. Customers with a value of their own keep it."""
    group = ctx.get(CustomerGroup, id)
    wanted = given(input)
    columns: dict[str, Any] = {}
    if "code" in wanted:
        columns["code"] = check_code(ctx, CustomerGroup, wanted["code"], group.id)
    if "name" in wanted:
        columns["name"] = values.text(wanted["name"], "name")
    if "payment_terms" in wanted:
        columns["payment_terms_id"] = usable(ctx, PaymentTerms, wanted["payment_terms"], "paymentTerms")
    if "discount_percent" in wanted:
        columns["discount_percent"] = values.percent(wanted["discount_percent"])
    assign(group, columns)
    return group
