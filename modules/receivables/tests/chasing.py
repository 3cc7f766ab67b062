"""What tests of collections do and read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from huikuan.graphql.ids import decode_any_id, encode_id
from huikuan.testing.shop import Answer, Shop
from huikuan_invoicing.testing import BuiltInvoice
from huikuan_receivables.api import items_of_invoices

LETTERS = """query { dunningLetters(orderBy: [CREATED_AT_ASC]) { nodes { id state level on issuedAt
  customer { code } open { amount currency } credit { amount } dunningLevel { name }
  run { on state } lines { state level open { amount } item { invoice { number } sequence } } } } }"""
LINES = """query { dunningLines(orderBy: [CREATED_AT_ASC]) { nodes { state reason level run { on }
  feeRefused feeInvoice { total { amount } } item { invoice { number } sequence } } } }"""
CUSTOMER = """query($code: String!) { customer(code: $code) { nextReminder { date level }
  nextCollectionAction { kind on } dunningBlocks { stops level levelName } } }"""
WORKLIST = """query { collectionWorklist { customer { code } score level lookAgainOn oldestDueOn frozenReason
  matches { rule measure value points } overdue { amount currency } action { kind on }
  nextReminder { date level } owner { name } } }"""


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def level(days: int, name: str = "Reminder", **more: Any) -> dict[str, Any]:
    """An input level; ``more`` by GraphQL names."""
    return {"name": name, "days": days, **more}


STANDARD = (
    level(7, "Friendly"),
    level(14, "Second"),
    level(10, "Last", test="SINCE_PREVIOUS", blocksOrders=True, blocksShipping=True),
)


def policy(shop: Shop, *levels: dict[str, Any], code: str = "STD", **more: Any) -> str:
    """A policy of these levels, of the standard ones if none are named; returns its code."""
    given = {"code": code, "name": code, "levels": list(levels or STANDARD), **more}
    shop.mutate("dunningPolicyCreate", input=given)["dunningPolicy"]
    return code


def company(shop: Shop, *levels: dict[str, Any], **more: Any) -> str:
    """A policy for everybody."""
    code = policy(shop, *levels, **more)
    shop.mutate("dunningAssign", policy={"code": code})["dunningAssignment"]
    return code


def preview(shop: Shop, **more: Any) -> Answer:
    return shop.mutate("dunningRunPreview", **more)


def dun(shop: Shop) -> list[tuple[str, str, list[str]]]:
    """Today's run, approved and issued; what it says as ``said`` does."""
    found = preview(shop)["dunningRun"]["id"]
    before = {letter["id"] for letter in letters(shop) if letter["state"] == "ISSUED"}
    shop.mutate("dunningRunApprove", id=found)["dunningRun"]
    shop.work()
    return said([letter for letter in letters(shop) if letter["state"] == "ISSUED" and letter["id"] not in before])


def letters(shop: Shop) -> list[dict[str, Any]]:
    return list(shop.query(LETTERS)["dunningLetters"]["nodes"])


def said(found: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """Customer, amount, and each item with its level, of letters."""
    return [
        (
            letter["customer"]["code"],
            f"{Decimal(letter['open']['amount']) - Decimal(letter['credit']['amount'])} {letter['open']['currency']}",
            sorted(f"{part(line)} {line['state']} {line['level']}" for line in letter["lines"]),
        )
        for letter in found
    ]


def part(line: dict[str, Any]) -> str:
    item = line["item"]
    return f"{item['invoice']['number'].removeprefix('INV-').lstrip('0')}/{item['sequence']}"


def skipped(shop: Shop) -> list[tuple[str, str]]:
    """Items left out of the latest run, with the reason."""
    found = shop.query(LINES)["dunningLines"]["nodes"]
    latest = max((line["run"]["on"] for line in found), default="")
    return sorted(
        (part(line), line["reason"]) for line in found if line["state"] == "SKIPPED" and line["run"]["on"] == latest
    )


def item(shop: Shop, invoice: BuiltInvoice, sequence: int = 1) -> str:
    """The id of a part of an invoice."""
    with shop.reading() as ctx:
        found = {it.sequence: it.item_id for it in items_of_invoices(ctx, [uuid(invoice.id)])}
    return encode_id("ReceivableItem", found[sequence])


def uuid(id: str) -> UUID:
    return decode_any_id(id)[1]


def pay(shop: Shop, amount: str, customer: str, reference: str, **more: Any) -> str:
    """A payment that came today; returns its id."""
    given = {
        "customer": {"code": customer},
        "amount": {"amount": amount, "currency": "EUR"},
        "reference": reference,
        **more,
    }
    found: str = shop.mutate("paymentRecord", input=given)["payment"]["id"]
    return found


def known(shop: Shop, customer: str) -> dict[str, Any]:
    """Next reminder, next action and blocks of a customer."""
    found: dict[str, Any] = shop.query(CUSTOMER, code=customer)["customer"]
    return found


def blocked(shop: Shop, customer: str) -> list[str]:
    return sorted(block["stops"] for block in known(shop, customer)["dunningBlocks"])


def worklist(shop: Shop) -> list[dict[str, Any]]:
    return list(shop.query(WORKLIST)["collectionWorklist"])
