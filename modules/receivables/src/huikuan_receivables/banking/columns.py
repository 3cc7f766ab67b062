"""The columns of a bank statement, under the names that banks give them, and the line that a row tells of."""

from __future__ import annotations

from decimal import Decimal

from huikuan.importing import Column, Row, Unit
from huikuan.money import LARGEST, Money, MoneyError
from huikuan_receivables.banking.lines import NewLine

__all__ = ["BANK_COLUMNS", "new_line"]

_LARGEST_RATE = Decimal(10) ** 9

BANK_COLUMNS = (
    Column("account", required=True, max_length=64, description="Code of the company's account"),
    Column(
        "on",
        type="date",
        required=True,
        description="Day of the booking",
        aliases=("date", "booking date", "value date", "transaction date", "Buchungstag", "交易日期", "记账日期"),
    ),
    Column(
        "amount",
        type="decimal",
        places=4,
        description="Negative if money went out; or give credit and debit",
        aliases=("Betrag", "金额", "交易金额", "发生额"),
    ),
    Column(
        "credit",
        type="decimal",
        places=4,
        description="Money that came in",
        aliases=("credit amount", "paid in", "贷方金额", "贷方发生额", "收入"),
    ),
    Column(
        "debit",
        type="decimal",
        places=4,
        description="Money that went out",
        aliases=("debit amount", "paid out", "借方金额", "借方发生额", "支出"),
    ),
    Column("currency", max_length=3, description="Empty: the account's", aliases=("Währung", "币种")),
    Column(
        "reference",
        max_length=200,
        description="The bank's own key of the booking",
        aliases=("transaction id", "bank reference", "交易流水号", "流水号"),
    ),
    Column(
        "remittance",
        max_length=200,
        description="The payer's structured reference",
        aliases=("payment reference", "structured reference", "creditor reference"),
    ),
    Column(
        "text",
        max_length=2_000,
        description="What the payer wrote",
        aliases=("description", "details", "narrative", "Verwendungszweck", "摘要", "附言", "用途"),
    ),
    Column(
        "payer_name",
        max_length=200,
        description="Who paid",
        aliases=("payer", "counterparty", "name", "对方户名", "付款人名称", "付款人"),
    ),
    Column(
        "payer_account",
        max_length=50,
        description="IBAN or account number of who paid",
        aliases=("iban", "counterparty account", "对方账号", "付款人账号"),
    ),
    Column("rate", type="decimal", places=6, description="What one unit is worth in the company's currency"),
)


def new_line(unit: Unit, currency: str) -> NewLine:
    """The line that a row tells of; ``currency``: where the row names none."""
    row = unit.first
    try:
        amount = Money(_amount(row), row.get("currency", currency).upper())
    except MoneyError as error:
        raise row.error("BAD_AMOUNT", error.message, column="amount") from error
    if abs(amount.amount) > LARGEST:
        raise row.error("BAD_AMOUNT", f"An amount is at most {LARGEST:,}.", column="amount")
    rate: Decimal | None = row.get("rate")
    if rate is not None and not 0 < rate < _LARGEST_RATE:
        raise row.error("BAD_RATE", f"A rate is more than 0 and less than {_LARGEST_RATE:,}.", column="rate")
    return NewLine(
        on=row["on"],
        amount=amount,
        text=row.get("text", ""),
        reference=row.get("reference"),
        remittance=row.get("remittance"),
        payer_name=row.get("payer_name"),
        payer_account=row.get("payer_account"),
        rate=rate,
        raw=row.raw or {},
        row=row.number,
        occurrence=unit.occurrence,
    )


def _amount(row: Row) -> Decimal:
    """What came in less what went out: as one amount with its sign, or in two columns."""
    amount: Decimal | None = row.get("amount")
    if amount is None:
        credit, debit = row.get("credit"), row.get("debit")
        if credit is None and debit is None:
            raise row.error("NO_AMOUNT", "The row has no amount.", column="amount")
        amount = (credit or Decimal(0)) - abs(debit or Decimal(0))
    if not amount:
        raise row.error("NO_AMOUNT", "The amount is 0.", column="amount")
    return amount
