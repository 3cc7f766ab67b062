"""Credit is asked before an order binds: what counts, whose it is, and what would help (CRE-1, CRE-3, CRE-12)."""

from __future__ import annotations

from huikuan.testing.shop import Shop
from modules.credit.tests.reading import line


def test_orders_pass_up_to_the_limit_and_no_further(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    shop.orders.confirmed(customer="C-1", total="600")
    assert shop.credit.owed("C-1") == "600.00"
    refused = shop.orders.confirm(shop.orders.draft(customer="C-1", total="400.01"))
    assert refused.refused("CREDIT_OVER_LIMIT")
    shop.orders.confirmed(customer="C-1", total="400")
    assert shop.credit.standing("C-1")["headroom"] == {"amount": "0.00"}
    assert shop.check() == []


def test_a_refusal_says_why_and_what_would_help(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    shop.orders.confirmed(customer="C-1", total="900")
    [refusal] = shop.orders.confirm(shop.orders.draft(customer="C-1", total="400")).payload["refusals"]
    assert refusal["message"] == "1300.00 EUR would be owed, 1000.00 EUR are allowed."
    assert refusal["advice"] == "Pay 300.00 EUR or order 300.00 EUR less and it passes."
    assert refusal["hold"] is not None


def test_without_any_limit_everything_passes_and_is_still_counted(shop: Shop) -> None:
    shop.orders.confirmed(customer="C-1", total="1000000")
    standing = shop.credit.standing("C-1")
    assert (standing["limit"], standing["headroom"]) == (None, None)
    assert shop.credit.owed("C-1") == "1000000.00"


def test_zero_is_a_limit(shop: Shop) -> None:
    shop.credit.limit("C-1", "0")
    assert shop.orders.confirm(shop.orders.draft(customer="C-1", total="0.01")).refused("CREDIT_OVER_LIMIT")


def test_a_draft_owes_nothing_and_a_cancelled_order_owes_nothing_more(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    shop.orders.draft(customer="C-1", total="5000")
    assert shop.credit.owed("C-1") == "0.00"
    order = shop.orders.confirmed(customer="C-1", total="800")
    shop.mutate("orderCancel", id=order.id, reason="changed his mind")["order"]
    assert shop.credit.owed("C-1") == "0.00"
    assert shop.check() == []


def test_an_order_is_counted_once_however_often_it_is_confirmed(shop: Shop) -> None:
    shop.credit.limit("C-1", "200")
    order = shop.orders.draft(customer="C-1", lines=[line(quantity="1", description="Bolts", unitPrice="150")])
    shop.orders.confirm(order)["order"]
    shop.orders.confirm(order)["order"]
    assert shop.credit.owed("C-1") == "150.00"


def test_a_family_owes_together(shop: Shop) -> None:
    shop.customers.create("HEAD", currency="EUR")
    shop.customers.create("BRANCH", currency="EUR", parent={"code": "HEAD"})
    shop.customers.create("BUYER", currency="EUR", billTo={"code": "BRANCH"})
    shop.credit.limit("HEAD", "1000")
    shop.orders.confirmed(customer="HEAD", total="600")
    for code in ("BRANCH", "BUYER"):
        assert shop.orders.confirm(shop.orders.draft(customer=code, total="500")).refused("CREDIT_OVER_LIMIT")
    shop.orders.confirmed(customer="BUYER", total="400")
    assert shop.credit.owed("HEAD") == "1000.00"
    assert shop.credit.standing("BRANCH")["headroom"] == {"amount": "0.00"}
    assert shop.check() == []


def test_a_change_asks_for_its_increase_only(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    order = shop.orders.confirmed(customer="C-1", lines=[line(quantity="8", description="Bolts", unitPrice="100")])

    def amend(quantity: str, key: str) -> object:
        changed = {"reason": "more", "update": [{"position": 1, "quantity": quantity}]}
        return shop.mutate("orderAmend", id=order.id, input=changed, key=key)

    assert amend("11", "a").refused("CREDIT_OVER_LIMIT")  # type: ignore[attr-defined]
    assert amend("10", "b")["order"]["id"] == order.id  # type: ignore[index]
    assert shop.credit.owed("C-1") == "1000.00"
    shop.credit.limit("C-1", "10")
    assert amend("3", "c")["order"]["id"] == order.id, "less always passes"  # type: ignore[index]
    assert shop.credit.owed("C-1") == "300.00"
    assert shop.check() == []


def test_reopening_asks_anew(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    order = shop.orders.confirmed(customer="C-1", total="800")
    shop.mutate("orderClose", id=order.id, reason="enough")["order"]
    assert shop.credit.owed("C-1") == "0.00"
    shop.orders.confirmed(customer="C-1", total="300")
    assert shop.mutate("orderReopen", id=order.id).refused("CREDIT_OVER_LIMIT")
    shop.credit.limit("C-1", "1100")
    shop.mutate("orderReopen", id=order.id)["order"]
    assert shop.credit.owed("C-1") == "1100.00"
    assert shop.check() == []


def test_what_ships_beyond_the_horizon_needs_no_room_yet(shop: Shop) -> None:
    shop.set("credit.horizon_days", "30")
    shop.credit.limit("C-1", "1000")
    far = shop.orders.draft(customer="C-1", total="5000", promisedOn="2026-03-01")
    shop.orders.confirm(far)["order"]
    assert shop.credit.owed("C-1") == "0.00"
    near = shop.orders.draft(customer="C-1", total="1500", promisedOn="2026-01-20")
    [refusal] = shop.orders.confirm(near).payload["refusals"]
    assert refusal["advice"] == "Pay 500.00 EUR or order 500.00 EUR less or ship after 2026-02-04 and it passes."
    shop.pass_time(days=26)
    assert shop.credit.owed("C-1") == "5000.00", "its day has come nearer"
    assert shop.check() == []


def test_a_limit_in_another_currency_leaves_no_hole(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    dollars = shop.orders.draft(customer="C-1", total="10", currency="USD")
    assert shop.orders.confirm(dollars).refused("CREDIT_NO_LIMIT")
    shop.credit.limit("C-1", "50", currency="USD")
    shop.orders.confirm(dollars)["order"]
    assert (shop.credit.owed("C-1", "USD"), shop.credit.owed("C-1")) == ("10.00", "0.00")


def test_an_offer_is_only_warned_of(shop: Shop) -> None:
    shop.credit.limit("C-1", "100")
    order = shop.orders.draft(customer="C-1", total="500")
    quoted = shop.mutate("orderQuote", id=order.id)
    assert quoted["order"]["id"] == order.id and quoted.warnings == ["CREDIT_OVER_LIMIT"]


def test_the_parts_that_cannot_be_known_are_named(shop: Shop) -> None:
    assert shop.credit.standing("C-1")["exposure"]["missing"] == [
        "shipped (needs inventory, invoicing)",
        "invoiced (needs receivables)",
        "unapplied (needs receivables)",
    ]
