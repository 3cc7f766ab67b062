"""Accounts of the company, their statements, and who is known to pay."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.graphql import output
from huikuan.money import exponent
from huikuan.values import UNSET, Id, Ref, Unset
from huikuan_customers.types import Customer
from huikuan_receivables.banking.files import import_content, mapping_of
from huikuan_receivables.errors import SOURCE_ARCHIVED, SOURCE_TAKEN
from huikuan_receivables.matching import account_key, name_key
from huikuan_receivables.models import BankFile, BankSource, PayerAlias
from huikuan_receivables.snapshots import AliasKind

__all__ = [
    "BankFileImported",
    "BankRowProblem",
    "BankSourceInput",
    "bank_file_import",
    "bank_source_change",
    "bank_source_create",
    "payer_alias_add",
    "payer_alias_remove",
]

MAX_MAPPING = 20_000
MAX_PROBLEMS = 1_000


@dataclass(frozen=True, kw_only=True)
class BankSourceInput:
    """An account of the company."""

    code: Annotated[str, "Your own unique key: the same content sent again is the same account."]
    name: Annotated[str, "What it is called."]
    currency: Annotated[str, "Of lines that name none."]
    account_number: Annotated[str | None, "IBAN or account number."] = None
    mapping: Annotated[str | None, "Which column of its files means what, as TOML; left out: by their headers."] = None


@output
@dataclass(frozen=True)
class BankRowProblem:
    """What is wrong with a row of a file."""

    row: int | None
    column: str | None
    code: str
    message: str


@output
@dataclass(frozen=True)
class BankFileImported:
    """What became of a file: how many rows it has, how many lines are new, and which rows cannot be read."""

    file: Ref[BankFile]
    read: int
    created: int
    unchanged: int
    problems: list[BankRowProblem]


@command(permission="receivables.manage", idempotency="natural")
def bank_source_create(ctx: Context, input: BankSourceInput) -> BankSource:
    """Add an account of the company, from which statements come."""
    code, name = _text(input.code, "code", 64), _text(input.name, "name", 200)
    currency = _currency(input.currency)
    number = account_key(input.account_number) or None if input.account_number is not None else None
    mapping = _mapping(input.mapping)
    found = ctx.find(BankSource, code=code)
    if found is None:
        return ctx.add(BankSource(code=code, name=name, currency=currency, account_number=number, mapping=mapping))
    if (found.name, found.currency, found.account_number, found.mapping) != (name, currency, number, mapping):
        ctx.refuse(
            Refusal(
                SOURCE_TAKEN,
                f"The account {code!r} is there, and is not like this one.",
                field="code",
                advice="Change it by bankSourceChange.",
            )
        )
    return found


@command(permission="receivables.manage", idempotency="natural")
def bank_source_change(
    ctx: Context,
    id: Id[BankSource],
    name: Annotated[str | Unset, "What it is called."] = UNSET,
    mapping: Annotated[str | Unset | None, "Which column of its files means what, as TOML."] = UNSET,
    archived: Annotated[bool | Unset, "Whether it is out of use."] = UNSET,
) -> BankSource:
    """Change an account of the company; what is left out stays."""
    source = ctx.get(BankSource, id)
    if not isinstance(name, Unset):
        source.name = _text(name, "name", 200)
    if not isinstance(mapping, Unset):
        source.mapping = _mapping(mapping)
    if not isinstance(archived, Unset) and archived != (source.archived_at is not None):
        source.archived_at = ctx.now if archived else None
    return source


@command(permission="receivables.bank", idempotency="natural")
def bank_file_import(
    ctx: Context,
    source: Annotated[Ref[BankSource], "The account."],
    name: Annotated[str, "The file's name."],
    content: Annotated[str, "The CSV file, as base64."],
) -> BankFileImported:
    """Keep the lines of a statement, read with the account's mapping. The same file again brings nothing new."""
    account = ctx.get(BankSource, source.id)
    if account.archived_at is not None:
        ctx.refuse(
            Refusal(
                SOURCE_ARCHIVED, f"The account {account.code} is out of use.", field="source", advice="Name another."
            )
        )
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("The content is no base64.", field="content") from None
    found = import_content(ctx, account, _text(name, "name", 255), data)
    problems = [BankRowProblem(it.row, it.column, it.code, it.message) for it in found.problems[:MAX_PROBLEMS]]
    return BankFileImported(Ref(found.file.id), found.read, found.created, found.unchanged, problems)


@command(permission="receivables.bank", idempotency="natural")
def payer_alias_add(ctx: Context, customer: Ref[Customer], kind: AliasKind, value: str) -> PayerAlias:
    """Say by which account or name a customer's money is known."""
    key = account_key(value) if kind is AliasKind.ACCOUNT else name_key(value)
    if not key:
        raise BadInput("The value is too short to know anybody by it.", field="value")
    found = ctx.find(PayerAlias, kind=kind, value=key, customer_id=customer.id)
    return found or ctx.add(PayerAlias(kind=kind, value=key, customer_id=customer.id))


@command(permission="receivables.bank", idempotency="natural", payload="removed")
def payer_alias_remove(ctx: Context, id: Id[PayerAlias]) -> bool:
    """Forget by what a customer's money was known."""
    ctx.remove(ctx.get(PayerAlias, id))
    return True


def _text(value: str, field: str, longest: int) -> str:
    text = value.strip()
    if not 1 <= len(text) <= longest:
        raise BadInput(f"Give 1 to {longest} characters.", field=field)
    return text


def _currency(value: str) -> str:
    code = value.strip().upper()
    exponent(code)
    return code


def _mapping(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) > MAX_MAPPING:
        raise BadInput(f"A mapping has at most {MAX_MAPPING:,} characters.", field="mapping")
    mapping_of(text)
    return text
