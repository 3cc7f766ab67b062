"""GraphQL types of bank statements and matching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from huikuan.context import Context
from huikuan.graphql import batch, column, node, output, to_many, to_one
from huikuan.money import Money
from huikuan_customers.types import Customer
from huikuan_receivables import models
from huikuan_receivables.snapshots import (
    AliasKind,
    BankLineStatus,
    Deducts,
    MatchKind,
    MatchRule,
    MatchStatus,
    RuleSettles,
    WriteOffCause,
)
from huikuan_receivables.types.collecting import Dispute
from huikuan_receivables.types.ledger import Allocation, Payment, ReceivableEntry, ReceivableItem, Refund

__all__ = [
    "BankFile",
    "BankLine",
    "BankMatch",
    "BankMatchPart",
    "BankRule",
    "BankSource",
    "BankSuspense",
    "MatchPrecision",
    "PayerAlias",
]


@node(models.BankSource, keys=("code",), permission="receivables.read")
class BankSource:
    """An account of the company, from which statements come."""

    code: str
    name: str = column("What it is called.")
    currency: str
    account_number: str | None
    mapping: str | None
    archived_at: datetime | None
    created_at: datetime = column("When it was added.")


@node(models.BankFile, permission="receivables.bank")
class BankFile:
    """A file that lines came from."""

    source: BankSource = to_one("source_id", "The account.")
    name: str = column("Its name.")
    sha256: str
    created_at: datetime = column("When it first came.")


@node(models.BankLine, permission="receivables.bank")
class BankLine:
    """A line of a bank statement, and what became of it."""

    source: BankSource = to_one("source_id", "The account.")
    file: BankFile | None = to_one("file_id", "The file that it came from.")
    row: int | None
    on: date
    amount: Money = column("Negative if the money went out.")
    rate: Decimal | None
    reference: str | None
    remittance: str | None
    text: str
    payer_name: str | None = column("Who paid, or was paid, as the bank says.")
    payer_account: str | None
    status: BankLineStatus = column("What became of it.")
    tried_at: datetime | None
    note: str | None
    created_at: datetime = column("When it came.")
    matches: list[BankMatch] = to_many("line_id", "What it is or could be, and what was taken back.", order_by="id")

    @batch(requires=["on"])
    def age_days(ctx: Context, lines: Sequence[Any]) -> list[int]:
        """How many days ago it was booked."""
        return [(ctx.today - line.on).days for line in lines]


@node(models.BankMatch, permission="receivables.bank")
class BankMatch:
    """What a line is, or could be, with how sure that is and why."""

    line: BankLine = to_one("line_id", "The line.")
    kind: MatchKind = column("What the line is by it.")
    status: MatchStatus = column("How far it has come.")
    rule: MatchRule = column("What it rests on.")
    score: int
    reason: str
    customer: Customer | None = to_one("customer_id", "Whose money it is; null if it could be several's.")
    automatic: bool
    bank_rule: BankRule | None = to_one("bank_rule_id", "The rule of the company that speaks for it.")
    payment: Payment | None = to_one("payment_id", "The payment, once it is posted; of a return the one taken back.")
    refund: Refund | None = to_one("refund_id", "What was paid back.")
    bounce: ReceivableEntry | None = to_one(
        "bounce_id", "The entry by which the payment bounced; null if it had bounced before."
    )
    dispute: Dispute | None = to_one("dispute_id", "The dispute that began because less was paid.")
    rest: Decimal = column("What is left of the money, in the line's currency.")
    decided_at: datetime | None
    undone_at: datetime | None = column("When it was taken back.")
    undo_reason: str | None = column("Why it was taken back.")
    parts: list[BankMatchPart] = to_many("match_id", "What it settles, or opened again.", order_by="position")


@node(models.BankMatchPart, permission="receivables.bank", root=False)
class BankMatchPart:
    """How much of an item a match settles, or opened again."""

    match: BankMatch = to_one("match_id", "The match.")
    position: int
    item: ReceivableItem = to_one("item_id", "The item.")
    amount: Money = column("In the item's currency.")
    given_up: Decimal = column("What a rule gives up of the item beside, in its currency.")
    allocation: Allocation | None = to_one("allocation_id", "Of a return: what had settled the item.")


@node(models.BankRule, keys=("code",), permission="receivables.read")
class BankRule:
    """What the company knows of certain lines: it holds if all its conditions do, and the first that holds decides."""

    code: str
    name: str = column("What stands in the reason of its matches.")
    sequence: int
    automatic: bool
    off_at: datetime | None
    source: BankSource | None = to_one("source_id", "Only lines of this account.")
    currency: str | None
    text_pattern: str | None
    payer_pattern: str | None
    payer_account: str | None
    amount_from: Decimal | None
    amount_to: Decimal | None
    customer: Customer | None = to_one("customer_id", "Whose money it is.")
    settles: RuleSettles = column("What it settles.")
    deducts: Deducts | None = column("How much less than what is open comes in.")
    deduction: Decimal | None
    deduction_pattern: str | None
    at_most: Decimal | None
    cause: WriteOffCause | None
    created_at: datetime = column("When it was added.")


@node(models.PayerAlias, permission="receivables.bank")
class PayerAlias:
    """By what a customer's money is known again."""

    kind: AliasKind = column("Whether it is an account or a name.")
    value: str
    customer: Customer = to_one("customer_id", "Whose money it is.")
    match: BankMatch | None = to_one("match_id", "The match that taught it.")
    created_at: datetime = column("Since when it is known.")


@output
@dataclass(frozen=True)
class MatchPrecision:
    """How often a rule was right."""

    rule: Annotated[MatchRule, "The rule."]
    posted: Annotated[int, "Posted by itself."]
    undone: Annotated[int, "Of those, taken back."]
    confirmed: Annotated[int, "Proposals that somebody posted."]
    rejected: Annotated[int, "Proposals that somebody rejected, or posted and took back."]
    precision: Annotated[Decimal | None, "Percent of what was posted by itself that stands; null if nothing was."]


@output
@dataclass(frozen=True)
class BankSuspense:
    """Money that came in and is nobody's yet, by how long it has been here."""

    from_days: Annotated[int, "At least so many days."]
    to_days: Annotated[int | None, "At most so many days; null: no end."]
    lines: Annotated[int, "How many lines."]
    amount: Annotated[Money, "What they come to."]
    oldest: Annotated[date, "The day of the oldest one."]
