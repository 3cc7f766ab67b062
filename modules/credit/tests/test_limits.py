"""Limits: the cascade, what raises them, what ends them, and who shares one (CRE-2, CRE-13, CRE-14)."""

from __future__ import annotations

from huikuan.testing.shop import Shop


def test_the_customers_own_limit_then_its_groups_then_the_companys(desk: Shop) -> None:
    group = desk.customers.group("TRADE")
    desk.customers.create("C-1", currency="EUR", group={"code": group})
    found = []
    desk.credit.limit(None, "100")
    found.append(desk.credit.standing("C-1"))
    desk.credit.limit(None, "200", group={"code": group})
    found.append(desk.credit.standing("C-1"))
    own = desk.credit.limit("C-1", "0")
    found.append(desk.credit.standing("C-1"))
    desk.mutate("creditLimitEnd", id=own)["creditLimit"]
    found.append(desk.credit.standing("C-1"))
    assert [(it["limit"]["amount"], it["limitLevel"]) for it in found] == [
        ("100.00", "COMPANY"),
        ("200.00", "GROUP"),
        ("0.00", "CUSTOMER"),
        ("200.00", "GROUP"),
    ]


def test_a_temporary_increase_falls_back(desk: Shop) -> None:
    desk.customers.create("C-1", currency="EUR")
    desk.credit.limit("C-1", "1000")
    assert desk.mutate(
        "creditLimitSet",
        customer={"code": "C-1"},
        amount={"amount": "500", "currency": "EUR"},
        kind="INCREASE",
        reason="fair",
    ).refused("CREDIT_LIMIT_INVALID")
    desk.credit.limit("C-1", "500", kind="INCREASE", validUntil="2026-01-10")
    assert desk.credit.standing("C-1")["headroom"] == {"amount": "1500.00"}
    desk.pass_time(days=6)
    assert desk.credit.standing("C-1")["headroom"] == {"amount": "1000.00"}


def test_collateral_and_insurance_raise_the_limit_until_their_day(desk: Shop) -> None:
    desk.customers.create("C-1", currency="EUR")
    desk.credit.limit("C-1", "300", kind="COLLATERAL", validUntil="2026-02-01")
    assert desk.credit.standing("C-1")["limit"] is None, "nothing to raise"
    desk.credit.limit("C-1", "1000")
    desk.credit.limit("C-1", "200", kind="INSURANCE")
    assert desk.credit.standing("C-1")["headroom"] == {"amount": "1500.00"}
    desk.pass_time(days=30)
    standing = desk.credit.standing("C-1")
    assert standing["headroom"] == {"amount": "1200.00"}
    assert [cover["kind"] for cover in standing["covers"]] == ["INSURANCE"]


def test_limits_begin_and_end_by_their_days(desk: Shop) -> None:
    desk.customers.create("C-1", currency="EUR")
    desk.credit.limit("C-1", "100", validUntil="2026-01-10")
    desk.credit.limit("C-1", "900", validFrom="2026-01-20")
    assert desk.credit.standing("C-1")["limit"] == {"amount": "100.00"}
    desk.pass_time(days=7)
    standing = desk.credit.standing("C-1")
    assert (standing["limit"], standing["expiredOn"]) == (None, "2026-01-10")
    desk.pass_time(days=8)
    standing = desk.credit.standing("C-1")
    assert (standing["limit"], standing["expiredOn"]) == ({"amount": "900.00"}, None)
    assert desk.check() == []


def test_an_expired_limit_asks_for_approval(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000", validUntil="2026-01-10")
    shop.pass_time(days=7)
    assert shop.orders.confirm(shop.orders.draft(customer="C-1", total="1")).refused("CREDIT_LIMIT_EXPIRED")


def test_a_branch_has_no_limit_of_its_own(desk: Shop) -> None:
    desk.customers.create("HEAD", currency="EUR")
    desk.customers.create("BRANCH", currency="EUR", parent={"code": "HEAD"})
    refused = desk.mutate(
        "creditLimitSet", customer={"code": "BRANCH"}, amount={"amount": "1", "currency": "EUR"}, reason="x"
    )
    assert refused.refused("CREDIT_LIMIT_INVALID")


def test_a_group_may_share_one_limit(shop: Shop) -> None:
    group = shop.customers.group("POOL")
    for code in ("A", "B"):
        shop.customers.create(code, currency="EUR", group={"code": group})
    shop.orders.confirmed(customer="A", total="600")
    shop.credit.limit(None, "1000", group={"code": group}, shared=True)
    assert (shop.credit.owed("A"), shop.credit.owed("B")) == ("600.00", "600.00"), "what A owed counts for both"
    assert shop.orders.confirm(shop.orders.draft(customer="B", total="500")).refused("CREDIT_OVER_LIMIT")
    shop.orders.confirmed(customer="B", total="400")
    assert shop.check() == []
    shop.credit.limit(None, "1000", group={"code": group})
    assert (shop.credit.owed("A"), shop.credit.owed("B")) == ("600.00", "400.00"), "each for itself again"
    assert shop.check() == []


def test_debts_follow_the_family(shop: Shop) -> None:
    shop.customers.create("HEAD", currency="EUR")
    child = shop.customers.create("CHILD", currency="EUR")
    shop.orders.confirmed(customer="CHILD", total="300")
    shop.orders.confirmed(customer="HEAD", total="50")
    shop.mutate("customerUpdate", id=child.id, input={"parent": {"code": "HEAD"}})["customer"]
    shop.work()
    assert shop.credit.owed("HEAD") == "350.00" and shop.check() == []
    shop.mutate("customerUpdate", id=child.id, input={"parent": None})["customer"]
    shop.work()
    assert (shop.credit.owed("HEAD"), shop.credit.owed("CHILD")) == ("50.00", "300.00")
    assert shop.check() == []
