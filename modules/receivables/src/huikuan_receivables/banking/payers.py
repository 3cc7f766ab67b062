"""Who a line may come from: accounts and names that are known, each with how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from huikuan.context import Context
from huikuan_customers.api import account_holders, customers
from huikuan_receivables.banking.facts import LineFacts
from huikuan_receivables.matching import account_key, name_key
from huikuan_receivables.models import BankMatch, PayerAlias
from huikuan_receivables.snapshots import AliasKind

__all__ = ["Payers", "forget", "learn", "payers_for"]

#: How sure: money came from this account before; its name did; the customer has the account; bears the name.
ACCOUNT_SEEN, NAME_SEEN, ACCOUNT_KEPT, NAME_KEPT = 92, 87, 90, 84
PAGE = 5_000
T = TypeVar("T")

Known = dict[str, dict[UUID, int]]


class Payers:
    """Payers by account and by name."""

    def __init__(self, accounts: Known, names: Known) -> None:
        self._accounts = accounts
        self._names = names

    def of(self, line: LineFacts) -> dict[UUID, int]:
        """Who the line may come from; an account says more than a name."""
        found = self._accounts.get(account_key(line.payer_account)) if line.payer_account else None
        if not found and line.payer_name:
            found = self._names.get(name_key(line.payer_name))
        return dict(found or {})


def payers_for(ctx: Context, lines: Sequence[LineFacts], customer_ids: Iterable[UUID]) -> Payers:
    """Who these lines may come from; names are compared with those of ``customer_ids``, who owe something."""
    accounts: Known = {}
    names: Known = {}
    numbers = {account_key(line.payer_account) for line in lines if line.payer_account}
    keys = {name_key(line.payer_name) for line in lines if line.payer_name} - {""}
    for some in _pages(sorted(numbers)):
        for number, ids in account_holders(ctx, some).items():
            accounts.setdefault(number, {}).update(dict.fromkeys(ids, ACCOUNT_KEPT))
    if keys:
        for page in _pages(sorted(set(customer_ids))):
            for id, customer in customers(ctx, page).items():
                if (key := name_key(customer.name)) in keys:
                    names.setdefault(key, {})[id] = NAME_KEPT
    for kind, wanted, known, sure in (
        (AliasKind.ACCOUNT, numbers, accounts, ACCOUNT_SEEN),
        (AliasKind.NAME, keys, names, NAME_SEEN),
    ):
        for value, ids in _aliases(ctx, kind, wanted).items():
            known.setdefault(value, {}).update(dict.fromkeys(ids, sure))
    return Payers(accounts, names)


def learn(ctx: Context, line: LineFacts, match: BankMatch) -> None:
    """Somebody confirmed whose money it is: know it again."""
    assert match.customer_id is not None
    values = {
        AliasKind.ACCOUNT: account_key(line.payer_account or ""),
        AliasKind.NAME: name_key(line.payer_name or ""),
    }
    for kind, value in values.items():
        if value and not ctx.exists(PayerAlias, kind=kind, value=value, customer_id=match.customer_id):
            ctx.add(PayerAlias(kind=kind, value=value, customer_id=match.customer_id, match_id=match.id))


def forget(ctx: Context, match: BankMatch) -> None:
    """What was learned from a match that was wrong."""
    for alias in ctx.scalars(select(PayerAlias).where(PayerAlias.match_id == match.id)):
        ctx.remove(alias)


def _aliases(ctx: Context, kind: AliasKind, values: Iterable[str]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for some in _pages(sorted(values)):
        statement = select(PayerAlias.value, PayerAlias.customer_id).where(
            PayerAlias.kind == kind, ctx.among(PayerAlias.value, some)
        )
        for row in ctx.rows(statement.order_by(PayerAlias.customer_id)):
            found.setdefault(row.value, []).append(row.customer_id)
    return found


def _pages(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))
