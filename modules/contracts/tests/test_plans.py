"""Collection plans: planned, owed, received, late, renegotiated (CON-3, CON-4, CON-9; pain points 5 and 6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huikuan.testing.shop import Shop
from huikuan_contracts.testing import part
from modules.contracts.tests.cashier.hooks import Book
from modules.contracts.tests.reading import events, instalments, plan, reach, read

TOLD = ("CONTRACT_INSTALMENT_DUE_SOON", "CONTRACT_INSTALMENT_OVERDUE", "CONTRACT_INSTALMENT_RECEIVED")
WORK = """query($owner: UserRef, $days: Int) { contractWorklist(owner: $owner, days: $days) {
  instalment { sequence } owner { name } state dueOn days open { amount } } }"""
DELAYS = """query($by: SlippageBy!) { contractDelays(by: $by, since: "2026-01-01", until: "2026-12-31") {
  owner { name } customer { code } instalments late open renegotiated averageDays } }"""


def user(shop: Shop, name: str) -> dict[str, str]:
    """A user who looks after things."""
    given: dict[str, Any] = {"email": f"{name}@example.com", "name": name, "roles": [], "password": "long-enough-1"}
    return {"id": shop.mutate("userCreate", **given)["user"]["id"]}


def tomorrow(shop: Shop, days: float = 1) -> None:
    shop.pass_time(days=days)
    shop.work()


class TestAmounts:
    def test_a_plan_is_exact_and_fits(self, shop: Shop) -> None:
        thirds = [part("a", percent="33.34"), part("b", percent="33.33"), part("c", percent="33.33")]
        contract = shop.contracts.signed(amount="5.47", instalments=thirds)
        assert [amount for amount, _, _ in plan(shop, contract)] == ["1.82", "1.82", "1.83"]
        assert read(shop, contract)["planned"] == {"amount": "5.47"}
        assert shop.contracts.write(instalments=[part(amount="1000.01")]).refused("CONTRACTS_PLAN_SUM")
        full = [part(amount="1000"), part("Rest")]
        assert shop.contracts.write(instalments=full).refused("CONTRACTS_PLAN_SUM"), "nothing is left for the rest"
        assert shop.contracts.written(instalments=[part(amount="999")]), "less is possible"

    def test_a_plan_needs_an_amount(self, shop: Shop) -> None:
        frame = {"amount": None, "kind": "FRAMEWORK", "items": [{"sku": "A"}], "instalments": [part()]}
        assert shop.contracts.write(**frame).refused("CONTRACTS_AMOUNT_MISSING")

    @pytest.mark.parametrize(
        "bad",
        [part(planned_on=None), part(days=3), part(trigger="MILESTONE", days=-1), part(" ")],
        ids=["no day", "days of a date", "negative days", "no name"],
    )
    def test_instalments_that_are_none(self, shop: Shop, bad: dict[str, Any]) -> None:
        assert shop.contracts.write(instalments=[bad]).failed("BAD_USER_INPUT")


class TestStates:
    def test_contracts_received_parts(self, office: Shop, book: Book) -> None:
        """Each instalment stands for itself, whatever came in on the others."""
        days = ["2026-01-10", "2026-02-10", "2026-03-10"]
        parts = [part(f"{n}", day, amount="100") for n, day in enumerate(days)]
        contract = office.contracts.signed(amount="300", instalments=parts)
        book.receive(2, "40")
        office.pass_time(days=10)
        assert [state for _, _, state in plan(office, contract)] == ["OVERDUE", "PARTLY", "OPEN"]
        book.receive(2, "60")
        book.receive(1, "99.99")
        assert [state for _, _, state in plan(office, contract)] == ["OVERDUE", "RECEIVED", "OPEN"]
        book.receive(1, "0.01")
        assert [state for _, _, state in plan(office, contract)] == ["RECEIVED", "RECEIVED", "OPEN"]
        assert read(office, contract)["received"] == {"amount": "200.00"}

    def test_on_its_day_it_is_not_overdue(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=[part("All", "2026-01-05")])
        assert plan(office, contract)[0][2] == "OPEN"
        office.pass_time(days=1)
        assert plan(office, contract)[0][2] == "OVERDUE"

    def test_an_unsigned_plan_owes_nothing(self, office: Shop, book: Book) -> None:
        contract = office.contracts.written(instalments=[part("All", "2026-01-01")])
        book.receive(1, "1000")
        assert plan(office, contract)[0][2] == "OPEN"
        assert book.asked == []

    def test_a_cancelled_contract_drops_what_is_open(self, office: Shop, book: Book) -> None:
        contract = office.contracts.signed(instalments=[part("a", amount="400"), part("b")])
        book.receive(1, "400")
        office.mutate("contractCancel", id=contract.id, reason="agreed")["contract"]
        assert [state for _, _, state in plan(office, contract)] == ["RECEIVED", "DROPPED"]
        tomorrow(office, 60)
        assert events(office, *TOLD) == []


class TestMilestones:
    def test_nothing_is_owed_before(self, office: Shop) -> None:
        parts = [part("Built", "2026-01-10", trigger="MILESTONE", days=10, percent="60"), part("Rest")]
        contract = office.contracts.written(instalments=parts)
        assert reach(office, contract, 1).refused("CONTRACTS_NOT_SIGNED")
        office.contracts.sign(contract)["contract"]
        office.pass_time(days=30)
        assert plan(office, contract)[0] == ("600.00", None, "OPEN")
        for _ in range(2):
            assert reach(office, contract, 1, reachedOn="2026-02-01")["contractInstalment"]
        assert plan(office, contract)[0] == ("600.00", "2026-02-11", "OPEN")
        assert len(events(office, "CONTRACT_MILESTONE_REACHED")) == 1
        assert reach(office, contract, 2).refused("CONTRACTS_NO_MILESTONE")
        assert not office.check()

    def test_a_milestone_is_not_reached_tomorrow(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=[part(trigger="MILESTONE")])
        assert reach(office, contract, 1, reachedOn="2026-01-06").failed("BAD_USER_INPUT")

    def test_a_retention_is_released_days_after_acceptance(self, office: Shop) -> None:
        parts = [part(percent="95"), part("Retention", None, kind="RETENTION", days=365)]
        contract = office.contracts.signed(instalments=parts)
        office.pass_time(days=400)
        assert plan(office, contract)[1] == ("50.00", None, "OPEN")
        accept = {"id": contract.id, "acceptedOn": "2026-03-01"}
        for _ in range(2):
            assert office.mutate("contractAccept", **accept)["contract"]
        assert plan(office, contract)[1] == ("50.00", "2027-03-01", "OPEN")
        assert office.mutate("contractAccept", id=contract.id, acceptedOn="2026-03-02").refused("CONTRACTS_ACCEPTED")
        office.pass_time(days=30)
        assert plan(office, contract)[1][2] == "OVERDUE"
        assert not office.check()


class TestAmendments:
    def test_a_new_day_keeps_the_day_planned_first(self, office: Shop, book: Book) -> None:
        contract = office.contracts.signed(instalments=[part("All", "2026-01-10")])
        office.contracts.amend(contract, update=[{"sequence": 1, "plannedOn": "2026-01-20"}])["contract"]
        tomorrow(office, 10)
        [found] = instalments(office, contract)
        assert (found["originalOn"], found["dueOn"], found["state"]) == ("2026-01-10", "2026-01-20", "OPEN")
        book.receive(1, "1000", date(2026, 1, 18))
        tomorrow(office)
        [found] = instalments(office, contract)
        assert (found["receivedOn"], found["delayDays"]) == ("2026-01-18", 8), (
            "on time now, late against the first plan"
        )
        assert not office.check()

    def test_versions_keep_the_terms_before_and_after(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=[part(amount="1000")])
        office.contracts.amend(contract, amount="1200", add=[part("More")], endsOn="2027-01-01")["contract"]
        office.contracts.amend(contract, update=[{"sequence": 2, "amount": "150", "name": "Less"}])["contract"]
        found = read(office, contract)
        assert (found["version"], found["amount"]["amount"], found["endsOn"]) == (3, "1200.00", "2027-01-01")
        assert [it["amount"]["amount"] for it in found["instalments"]] == ["1000.00", "150.00"]
        first, second = found["amendments"]
        assert (first["before"]["amount"]["amount"], first["after"]["amount"]["amount"]) == ("1000.0000", "1200.0000")
        assert second["before"] == first["after"]
        assert events(office, "CONTRACT_AMENDED") == ["CONTRACT_AMENDED"] * 2
        assert not office.check()

    def test_a_dropped_instalment_leaves_its_number(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=[part("a", amount="500"), part("b")])
        office.contracts.amend(contract, drop=[2], add=[part("c", percent="20"), part("d")])["contract"]
        found = [(it["sequence"], it["amount"]["amount"], it["state"]) for it in instalments(office, contract)]
        assert found == [
            (1, "500.00", "OPEN"),
            (2, "500.00", "DROPPED"),
            (3, "200.00", "OPEN"),
            (4, "300.00", "OPEN"),
        ]
        assert office.contracts.amend(contract, drop=[2]).failed("BAD_USER_INPUT")
        assert not office.check()

    def test_what_came_in_keeps_its_amount(self, office: Shop, book: Book) -> None:
        contract = office.contracts.signed(instalments=[part("a", amount="500"), part("b", amount="400")])
        book.receive(1, "0.01")
        fixed = "CONTRACTS_INSTALMENT_FIXED"
        assert office.contracts.amend(contract, drop=[1]).refused(fixed)
        assert office.contracts.amend(contract, update=[{"sequence": 1, "amount": "400"}]).refused(fixed)
        assert office.contracts.amend(contract, update=[{"sequence": 1, "plannedOn": "2026-05-01"}])["contract"]
        assert office.contracts.amend(contract, amount="899.99").refused("CONTRACTS_PLAN_SUM")
        assert office.contracts.amend(contract, amount="900")["contract"]
        assert not office.check()

    def test_what_is_not_signed_or_cancelled_is_not_amended(self, office: Shop) -> None:
        contract = office.contracts.written()
        assert office.contracts.amend(contract).refused("CONTRACTS_NOT_SIGNED")
        office.mutate("contractCancel", id=contract.id, reason="no")["contract"]
        assert office.contracts.amend(contract).refused("CONTRACTS_CANCELLED")

    @pytest.mark.parametrize(
        "bad",
        [
            {"reason": ""},
            {"signedBy": ""},
            {"signedOn": "2026-01-06"},
            {"amount": "0"},
            {"endsOn": "2026-01-01"},
            {"update": [{"sequence": 9}]},
            {"update": [{"sequence": 1}], "drop": [1]},
            {"update": [{"sequence": 1, "amount": "-1"}]},
            {"update": [{"sequence": 1, "days": 4}]},
            {"items": [{"sku": "A"}]},
        ],
        ids=["why", "who", "when", "nothing", "ended", "unknown", "twice", "negative", "days", "no items"],
    )
    def test_amendments_that_are_none(self, office: Shop, bad: dict[str, Any]) -> None:
        contract = office.contracts.signed(instalments=[part()])
        before = read(office, contract)
        assert office.contracts.amend(contract, **bad).failed("BAD_USER_INPUT")
        assert read(office, contract) == before


class TestOwners:
    def test_they_are_told_once_before_and_once_after_the_day(self, office: Shop, book: Book) -> None:
        office.contracts.signed(instalments=[part("All", "2026-01-20")])
        told = []
        for _ in range(20):
            tomorrow(office)
            told.append(len(events(office, *TOLD)))
        assert told == [0] * 7 + [1] * 8 + [2] * 5, "on January 13 and 21"
        assert events(office, *TOLD) == list(TOLD[:2])
        book.receive(1, "1000")
        tomorrow(office)
        tomorrow(office)
        assert events(office, *TOLD) == list(TOLD)

    def test_a_new_day_is_told_anew(self, office: Shop) -> None:
        contract = office.contracts.signed(instalments=[part("All", "2026-01-10")])
        tomorrow(office)
        office.contracts.amend(contract, update=[{"sequence": 1, "plannedOn": "2026-01-12"}])["contract"]
        tomorrow(office)
        assert events(office, *TOLD) == [TOLD[0]] * 2

    def test_a_payment_that_bounced_is_looked_after_again(self, office: Shop, book: Book) -> None:
        contract = office.contracts.signed(instalments=[part("All", "2026-02-10")])
        book.receive(1, "1000")
        tomorrow(office)
        assert instalments(office, contract)[0]["receivedOn"] == "2026-01-06"
        book.parts.clear()
        tomorrow(office)
        found = instalments(office, contract)[0]
        assert (found["receivedOn"], found["state"]) == (None, "OPEN")

    def test_the_worklist_holds_what_is_theirs(self, office: Shop, book: Book) -> None:
        ann, bob = user(office, "ann"), user(office, "bob")
        parts = [
            part("late", "2026-01-01", amount="100"),
            part("soon", "2026-01-12", amount="200", owner=bob),
            part("later", "2026-01-13", amount="300"),
        ]
        contract = office.contracts.signed(instalments=parts, owner=ann)
        office.contracts.written(instalments=[part("unsigned", "2026-01-01")], owner=ann)
        book.receive(1, "30")
        rows = office.query(WORK)["contractWorklist"]
        assert [(it["instalment"]["sequence"], it["days"], it["state"]) for it in rows] == [
            (1, 4, "OVERDUE"),
            (2, -7, "OPEN"),
        ]
        assert (rows[0]["owner"]["name"], rows[0]["open"]["amount"]) == ("ann", "70.00")
        assert [it["instalment"]["sequence"] for it in office.query(WORK, owner=bob)["contractWorklist"]] == [2]
        assert len(office.query(WORK, days=8)["contractWorklist"]) == 3
        office.mutate("contractAssign", id=contract.id, owner=bob, sequences=[1])["contract"]
        assert len(office.query(WORK, owner=bob)["contractWorklist"]) == 2
        assert not office.check(), "who looks after what is no term of the contract"
        assert office.execute(WORK, days=-1)["errors"]
        assert office.mutate("contractAssign", id=contract.id, sequences=[9]).failed("BAD_USER_INPUT")

    def test_delays_add_up_by_owner_and_customer(self, office: Shop, book: Book) -> None:
        ann, bob = user(office, "ann"), user(office, "bob")
        first = [part("early", "2026-01-20", amount="1", owner=ann), part("late", "2026-01-08", amount="2", owner=bob)]
        more = [part("open", "2026-01-10", amount="3", owner=bob), part("far", "2026-12-31", amount="4", owner=bob)]
        contract = office.contracts.signed(instalments=[*first, *more])
        book.receive(1, "1", date(2026, 1, 10))
        book.receive(2, "2", date(2026, 1, 12))
        office.contracts.amend(contract, update=[{"sequence": 3, "plannedOn": "2026-02-20"}])["contract"]
        tomorrow(office, 10)
        rows = office.query(DELAYS, by="OWNER")["contractDelays"]
        names = ("instalments", "late", "open", "renegotiated", "averageDays")
        assert [(it["owner"]["name"], *(it[name] for name in names)) for it in rows] == [
            ("bob", 2, 2, 1, 1, 4.5),
            ("ann", 1, 0, 0, 0, -10.0),
        ]
        [row] = office.query(DELAYS, by="CUSTOMER")["contractDelays"]
        assert (row["customer"]["code"], row["instalments"], row["owner"]) == (contract.customer, 3, None)
