"""Ratings explain themselves, classes are simulated before they apply, warnings are told once (CRE-6, 7, 9, 11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from huikuan.testing.shop import Shop
from huikuan_credit.scoring import Known, grade_of, score
from huikuan_credit.snapshots import Grade, PaymentFacts
from huikuan_credit.watching import step_of
from modules.credit.tests.bureau.hooks import Book
from modules.credit.tests.reading import customer_id, events

RATING = """query { customer(code: "C-1") { credit {
  rating { grade score byHand reasons missing } riskClass { code } } } }"""


def test_only_what_is_known_counts_and_what_is_not_is_named() -> None:
    assert score(Known()) is None
    found = score(Known(delay_days=Decimal(10)))
    assert found is not None and (found.points, found.grade) == (Decimal(75), Grade.B)
    assert [reason.name for reason in found.reasons] == ["delay_days"]
    assert "late_percent" in found.missing and "bureau" in found.missing


def test_points_are_weighted() -> None:
    found = score(Known(delay_days=Decimal(0), overdue_percent=Decimal(60)))
    assert found is not None and found.points == 60  # (100 x 30 + 0 x 20) / 50


def test_bounds_of_grades_are_inclusive() -> None:
    assert [grade_of(Decimal(points)).name for points in ("80", "79.99", "60", "40", "39.99")] == list("ABBCD")


def test_steps_of_the_limit() -> None:
    assert [step_of(Decimal(owed), Decimal(100)) for owed in (69, 70, 90, 100, 200)] == [0, 70, 90, 100, 100]
    assert step_of(Decimal(1), Decimal(0)) == 100 and step_of(Decimal(0), Decimal(0)) == 0


def test_a_customer_is_rated_by_its_history_with_reasons(informed: Shop, book: Book) -> None:
    id = customer_id(informed)
    book.facts[id] = PaymentFacts(
        customer_id=id,
        currency="EUR",
        open=Decimal(100),
        delay_days=Decimal(20),
        late_percent=Decimal(40),
        since=date(2020, 1, 1),
    )
    informed.mutate("creditCustomerRate", customer={"code": "C-1"})["creditRating"]
    found = informed.query(RATING)["customer"]["credit"]["rating"]
    assert found["grade"] == "B" and found["byHand"] is False
    reasons = {reason["name"]: reason["points"] for reason in found["reasons"]}
    assert (reasons["delay_days"], reasons["late_percent"], reasons["tenure_days"]) == (60, 30, 100)
    assert found["missing"] == ["limit_percent", "bureau"]


def test_credit_external_rating_is_one_reason_among_others(informed: Shop, book: Book) -> None:
    book.grades[customer_id(informed)] = Grade.D
    informed.mutate("creditCustomerRate", customer={"code": "C-1"})["creditRating"]
    found = informed.query(RATING)["customer"]["credit"]["rating"]
    assert (found["grade"], [reason["name"] for reason in found["reasons"]]) == ("D", ["bureau"])


def test_a_rating_by_hand_holds_until_its_day_and_a_fall_is_told(informed: Shop, book: Book) -> None:
    book.grades[customer_id(informed)] = Grade.D
    given: dict[str, Any] = {"customer": {"code": "C-1"}, "grade": "A", "reason": "old friend", "until": "2026-01-10"}
    informed.mutate("creditRatingSet", **given)["creditRating"]
    assert informed.mutate("creditCustomerRate", customer={"code": "C-1"})["creditRating"] is None
    informed.pass_time(days=7)
    informed.work()
    assert informed.query(RATING)["customer"]["credit"]["rating"]["grade"] == "D", "the daily job has rated it"
    assert "CREDIT_RATING_FELL" in events(informed)


def test_a_class_is_simulated_before_it_applies(informed: Shop, book: Book) -> None:
    book.grades[customer_id(informed)] = Grade.B
    informed.orders.confirmed(customer="C-1", total="1000")
    informed.mutate("creditCustomerRate", customer={"code": "C-1"})["creditRating"]
    informed.customers.net(14)
    slow: dict[str, Any] = {
        "code": "SLOW",
        "name": "Slow payers",
        "grade": "B",
        "limitFactor": "0.5",
        "paymentTerms": "N14",
    }
    informed.mutate("creditClassSet", **slow)["creditClass"]
    document = """query { creditClassSimulation(riskClass: {code: "SLOW"}, currency: "EUR") { customer { code } grade
      sales { amount } limitNow { amount } limitProposed { amount } exposure { amount } over { amount }
      paymentTerms } }"""
    [found] = informed.query(document)["creditClassSimulation"]
    assert found == {
        "customer": {"code": "C-1"},
        "grade": "B",
        "sales": {"amount": "1000.00"},
        "limitNow": None,
        "limitProposed": {"amount": "500.00"},
        "exposure": {"amount": "1000.00"},
        "over": {"amount": "500.00"},
        "paymentTerms": "N14",
    }
    assert informed.query(RATING)["customer"]["credit"]["riskClass"] is None, "it changes nothing yet"
    informed.mutate("creditClassSet", **slow, active=True)["creditClass"]
    informed.mutate("creditCustomerRate", customer={"code": "C-1"})["creditRating"]
    assert informed.query(RATING)["customer"]["credit"]["riskClass"] == {"code": "SLOW"}


def test_shares_of_the_limit_are_told_once(shop: Shop) -> None:
    shop.credit.limit("C-1", "1000")
    for total in ("700", "50", "200"):
        shop.orders.confirmed(customer="C-1", total=total)
    assert [name for name in events(shop) if name == "CREDIT_EXPOSURE_ROSE"] == ["CREDIT_EXPOSURE_ROSE"] * 2
    shop.credit.limit("C-1", "2000")
    shop.pass_time(days=1)
    shop.work()
    shop.credit.limit("C-1", "1000")
    shop.pass_time(days=1)
    shop.work()
    assert events(shop).count("CREDIT_EXPOSURE_ROSE") == 3, "it was over, and is told anew"


def test_the_first_overdue_and_a_broken_habit_are_told_once(informed: Shop, book: Book) -> None:
    informed.orders.confirmed(customer="C-1", total="10")
    id = customer_id(informed)
    book.facts[id] = PaymentFacts(
        customer_id=id,
        currency="EUR",
        overdue=Decimal(5),
        delay_days=Decimal(4),
        recent_delay_days=Decimal(30),
    )
    for _ in range(2):
        informed.pass_time(days=1)
        informed.work()
    told = events(informed)
    assert (told.count("CREDIT_OVERDUE_BEGAN"), told.count("CREDIT_HABIT_BROKEN")) == (1, 1)


def test_a_customer_that_owes_most_of_all_is_told(shop: Shop) -> None:
    shop.customers.create("C-2", currency="EUR")
    shop.orders.confirmed(customer="C-1", total="900")
    shop.orders.confirmed(customer="C-2", total="100")
    shop.pass_time(days=1)
    shop.work()
    assert events(shop).count("CREDIT_CONCENTRATION_WARNED") == 1
