"""Tables of bank statements, of what their lines pay, and of how payers are known again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, String

from huikuan.db import (
    Json,
    Mapped,
    TenantModel,
    UtcDateTime,
    currency_code,
    index,
    mapped_column,
    money,
    pii,
    state,
    tenant_fk,
    unique,
)
from huikuan.db import amount as sums  # columns are named amount
from huikuan.db import quantity as units
from huikuan.money import Money
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

__all__ = [
    "BANK_LINE_RANK",
    "BankFile",
    "BankLine",
    "BankMatch",
    "BankMatchPart",
    "BankRule",
    "BankSource",
    "PayerAlias",
]

ZERO = Decimal(0)
BANK_LINE_RANK = 45
"""Lines are locked after the customers whose money they may be."""


class BankSource(TenantModel):
    """An account of the company, and how its statements are read."""

    code: Mapped[str] = mapped_column(String(64), doc="Your own key of the account")
    name: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = currency_code("Of lines that name none")
    account_number: Mapped[str | None] = mapped_column(String(50), doc="IBAN or account number")
    mapping: Mapped[str | None] = mapped_column(String(20_000), doc="Which column of its files means what, as TOML")
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it went out of use")
    __table_args__ = (unique("code"),)


class BankFile(TenantModel):
    """A file that lines came from."""

    source_id: Mapped[UUID] = tenant_fk("receivables_bank_source")
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), doc="Of its content")
    __table_args__ = (unique("source_id", "sha256"),)


class BankLine(TenantModel):
    """A line of a bank statement. What the bank said never changes; what became of it does."""

    source_id: Mapped[UUID] = tenant_fk("receivables_bank_source", index=False)
    file_id: Mapped[UUID | None] = tenant_fk("receivables_bank_file", nullable=True, index=False)
    row: Mapped[int | None] = mapped_column(BigInteger, doc="Its row in the file, the header being 1")
    key: Mapped[str] = mapped_column(String(64), doc="What tells it apart from all other lines of the account")
    on: Mapped[date] = mapped_column(doc="The day of the booking")
    amount: Mapped[Money] = money("Negative if the money went out")
    rate: Mapped[Decimal | None] = units("What one unit of its currency was worth in the company's currency")
    reference: Mapped[str | None] = mapped_column(String(200), doc="The bank's own key of the booking")
    remittance: Mapped[str | None] = mapped_column(String(200), doc="The payer's structured reference")
    text: Mapped[str] = pii(mapped_column(String(2000), doc="What the payer wrote"))
    payer_name: Mapped[str | None] = pii(mapped_column(String(200)))
    payer_account: Mapped[str | None] = pii(mapped_column(String(50), doc="IBAN or account number of the payer"))
    raw: Mapped[Any] = pii(mapped_column(Json, doc="The line as it was in the file, kept for ever"))
    status: Mapped[BankLineStatus] = state(BankLineStatus, default=BankLineStatus.OPEN)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When matching looked at it last")
    note: Mapped[str | None] = mapped_column(String(500), doc="Why it is ignored")
    if TYPE_CHECKING:  # the columns that money() makes
        amount_amount: Mapped[Decimal]
        amount_currency: Mapped[str]
    __table_args__ = (
        unique("source_id", "key"),
        unique("file_id", "row"),
        index("source_id", "on", "id"),
        index("status", "on", "id"),
        index("status", "tried_at", "id"),
    )


class BankRule(TenantModel):
    """What the company knows of certain lines. It holds if all its conditions do; the first one that holds decides."""

    code: Mapped[str] = mapped_column(String(64), doc="Your own key of the rule")
    name: Mapped[str] = mapped_column(String(200), doc="What stands in the reason of its matches")
    sequence: Mapped[int] = mapped_column(doc="Rules are asked in this order")
    automatic: Mapped[bool] = mapped_column(doc="Whether what it finds is posted by itself; else it is proposed")
    off_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it was switched off")
    source_id: Mapped[UUID | None] = tenant_fk("receivables_bank_source", nullable=True, doc="Only of this account")
    currency: Mapped[str | None] = currency_code("Only in this currency")
    text_pattern: Mapped[str | None] = mapped_column(String(200), doc="Found in text or reference")
    payer_pattern: Mapped[str | None] = mapped_column(String(200), doc="Found in the payer's name")
    payer_account: Mapped[str | None] = mapped_column(String(50), doc="The payer's account")
    amount_from: Mapped[Decimal | None] = sums("At least so much")
    amount_to: Mapped[Decimal | None] = sums("At most so much")
    customer_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True, doc="Whose money it is")
    settles: Mapped[RuleSettles] = state(RuleSettles, default=RuleSettles.FITTING)
    deducts: Mapped[Deducts | None] = state(Deducts, nullable=True)
    deduction: Mapped[Decimal | None] = units("The amount, or the percentage")
    deduction_pattern: Mapped[str | None] = mapped_column(String(200), doc="Its group is the amount in the text")
    at_most: Mapped[Decimal | None] = sums("So much is given up of a line at most, in its currency")
    cause: Mapped[WriteOffCause | None] = state(WriteOffCause, nullable=True, doc="What it is given up for")
    __table_args__ = (
        unique("code"),
        index("sequence", "id"),
        CheckConstraint("(deducts IS NULL) = (cause IS NULL)", name="with_cause"),
        CheckConstraint("(deducts IS NULL) = (at_most IS NULL)", name="at_most"),
        CheckConstraint(
            "(deduction IS NOT NULL) = (deducts IS NOT NULL AND deducts <> 'TEXT')",
            name="deduction",
        ),
        CheckConstraint("(deduction_pattern IS NOT NULL) = (deducts IS NOT NULL AND deducts = 'TEXT')", name="text"),
    )


class BankMatch(TenantModel):
    """What a line tells of, or could tell of, with how sure that is and why. Kept when it is undone."""

    line_id: Mapped[UUID] = tenant_fk("receivables_bank_line", index=False)
    kind: Mapped[MatchKind] = state(MatchKind, default=MatchKind.PAYMENT)
    status: Mapped[MatchStatus] = state(MatchStatus)
    rule: Mapped[MatchRule] = state(MatchRule)
    score: Mapped[int] = mapped_column(doc="How sure, of 100")
    reason: Mapped[str] = mapped_column(String(500), doc="Why")
    customer_id: Mapped[UUID | None] = tenant_fk("customers_customer", nullable=True, doc="Whose money it is")
    automatic: Mapped[bool] = mapped_column(default=False, doc="Whether it was posted by itself")
    bank_rule_id: Mapped[UUID | None] = tenant_fk("receivables_bank_rule", nullable=True, doc="The rule that held")
    payment_id: Mapped[UUID | None] = tenant_fk(
        "receivables_payment", nullable=True, doc="The payment that was posted; of a return the one that was taken back"
    )
    refund_id: Mapped[UUID | None] = tenant_fk(
        "receivables_refund", nullable=True, index=False, doc="What was paid back"
    )
    bounce_id: Mapped[UUID | None] = tenant_fk(
        "receivables_entry", nullable=True, index=False, doc="The entry by which it took the payment out of the ledger"
    )
    rest: Mapped[Decimal] = sums("What is left of the money")
    dispute_id: Mapped[UUID | None] = tenant_fk("receivables_dispute", nullable=True, index=False)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it was posted or rejected")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_reason: Mapped[str | None] = mapped_column(String(500))
    __table_args__ = (
        unique("line_id", where="status = 'POSTED'"),
        index("line_id", "id"),
        index("rule", "decided_at"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        unique("payment_id", "kind", where="status = 'POSTED'"),
        unique("refund_id", where="status = 'POSTED'"),
        CheckConstraint(
            "(payment_id IS NULL) = (kind = 'REFUND' OR (kind = 'PAYMENT' AND status NOT IN ('POSTED', 'UNDONE')))",
            name="payment",
        ),
        CheckConstraint("(refund_id IS NULL) = (kind <> 'REFUND')", name="refund"),
        CheckConstraint("bounce_id IS NULL OR (kind = 'RETURN' AND status IN ('POSTED', 'UNDONE'))", name="bounce"),
        CheckConstraint("(undone_at IS NULL) = (status <> 'UNDONE')", name="undone"),
    )


class BankMatchPart(TenantModel):
    """How much of an item a match settles, or opened again, in the item's currency."""

    match_id: Mapped[UUID] = tenant_fk("receivables_bank_match", index=False, ondelete="CASCADE")
    position: Mapped[int] = mapped_column(doc="1, 2, … in the order in which they are settled")
    item_id: Mapped[UUID] = tenant_fk("receivables_item")
    currency: Mapped[str] = currency_code("The item's")
    amount: Mapped[Decimal] = sums()
    given_up: Mapped[Decimal] = sums("What a rule gives up of it beside", default=ZERO)
    allocation_id: Mapped[UUID | None] = tenant_fk(
        "receivables_allocation", nullable=True, index=False, doc="Of a return: what had settled the item"
    )
    __table_args__ = (
        unique("match_id", "position"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("given_up >= 0", name="given_up"),
    )


class PayerAlias(TenantModel):
    """By what a customer's money is known again: learned when somebody confirms a match."""

    kind: Mapped[AliasKind] = state(AliasKind)
    value: Mapped[str] = pii(mapped_column(String(200), doc="Account or name, in the form that is compared"))
    customer_id: Mapped[UUID] = tenant_fk("customers_customer")
    match_id: Mapped[UUID | None] = tenant_fk("receivables_bank_match", nullable=True, doc="Learned from it")
    __table_args__ = (unique("kind", "value", "customer_id"),)
