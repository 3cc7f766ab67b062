"""What contracts contributes, through the same doors as everybody else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from huikuan.context import Context
from huikuan.core.errors import SETTING_INVALID
from huikuan.errors import Refusal
from huikuan.hooks import hookimpl
from huikuan.invariants import Invariant
from huikuan_contracts.errors import IN_FORCE
from huikuan_contracts.invariants import INVARIANTS
from huikuan_contracts.queries import contracts_in_force
from huikuan_customers.snapshots import CustomerSnapshot

__all__ = ["customers_before_archive", "kernel_before_setting", "kernel_invariants"]

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@hookimpl
def customers_before_archive(ctx: Context, customer: CustomerSnapshot) -> Refusal | None:
    """A customer with contracts in force is not archived."""
    count = contracts_in_force(ctx, customer.id)
    if not count:
        return None
    return Refusal(
        IN_FORCE,
        f"{count} {'contract' if count == 1 else 'contracts'} with {customer.code} can still take effect.",
        advice="Cancel them, or let them end.",
    )


@hookimpl
def kernel_before_setting(key: str, value: str | int | bool) -> Refusal | None:
    """Documents have media types that can be read."""
    if key != "contracts.document_types":
        return None
    wrong = [part for part in map(str.strip, str(value).split(",")) if not _MEDIA_TYPE.fullmatch(part)]
    if not wrong:
        return None
    return Refusal(
        SETTING_INVALID,
        f"{wrong[0]!r} is no media type.",
        field="value",
        advice="Write them with commas, such as application/pdf, image/png.",
    )


@hookimpl
def kernel_invariants() -> Iterable[Invariant]:
    """Signatures, plans, caps and documents."""
    return INVARIANTS
