"""The ladder of money that went out, with values alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from huikuan_receivables.matching import Gone, Leavings, OutgoingLine, OutgoingVerdict, Policy, propose_outgoing
from huikuan_receivables.snapshots import MatchKind, MatchRule

DAY = date(2026, 1, 5)
CUSTOMER, OTHER = UUID(int=7), UUID(int=8)
KEY = "9f1c2d3e-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
"""A key of a machine: letters and digits change more often than in any number."""


def gone(id: int, *names: str, **more: Any) -> Gone:
    given: dict[str, Any] = {"kind": MatchKind.RETURN, "title": f"payment {id}", "customer_id": CUSTOMER, "on": DAY}
    return Gone(**{**given, "id": UUID(int=id), "currency": "EUR", "amount": Decimal(60), "names": names, **more})


def line(**more: Any) -> OutgoingLine:
    return OutgoingLine(**{"on": DAY, "amount": Decimal(60), "currency": "EUR", "payers": {}, **more})


def asked(of: OutgoingLine, *known: Gone, post_from: int = 80) -> OutgoingVerdict:
    return propose_outgoing(of, Leavings(known), Policy(post_from=post_from))


def found(verdict: OutgoingVerdict) -> list[tuple[str, int, bool]]:
    """Rule, score and whether it is certain, of each proposal."""
    return [(one.rule.name, one.score, one is verdict.certain) for one in verdict.proposals]


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("PAY-000012", {"reference": "pay 12"}, ("REFERENCE", 100, True)),
        ("PAY-000012", {"text": "Rückgabe PAY12 Konto erloschen"}, ("NUMBER", 98, True)),
        ("4711-0815", {"reference": "4711 0815"}, ("REFERENCE", 100, True)),
        ("4711-0815", {"text": "back 4711 0815"}, ("NUMBER", 75, False)),
        ("PAY-000012", {"text": "PAY-000123"}, ("AMOUNT", 70, False)),
        ("PAY-000012", {"text": "PAY-12-3"}, ("AMOUNT", 70, False)),
        ("T-7", {"reference": "T-7"}, ("AMOUNT", 70, False)),
        ("12345", {"reference": "12345"}, ("NUMBER", 75, False)),
        ("KEY-1234", {"booking": "KEY-1234"}, ("NUMBER", 75, False)),
        (KEY, {"text": f"SEPA return {KEY.upper()} AC04"}, ("NUMBER", 98, True)),
        (KEY, {"text": f"SEPA return {KEY}0 AC04"}, ("AMOUNT", 70, False)),
    ],
)
def test_what_names_it(name: str, said: dict[str, str], expected: tuple[str, int, bool]) -> None:
    assert found(asked(line(**said), gone(1, name))) == [expected]


def test_the_score_that_the_company_wants_holds() -> None:
    named = line(text="PAY-000012")
    assert asked(named, gone(1, "PAY-000012"), post_from=98).certain is not None
    assert asked(named, gone(1, "PAY-000012"), post_from=99).certain is None


def test_of_two_that_are_named_alike_none_is_certain() -> None:
    verdict = asked(line(text="PAY-12"), gone(1, "PAY-12"), gone(2, "PAY-0012"), post_from=1)
    assert found(verdict) == [("NUMBER", 50, False), ("NUMBER", 50, False)]


def test_a_name_decides_between_those_of_one_amount() -> None:
    others = [gone(id, f"PAY-{id}") for id in range(20, 25)]
    verdict = asked(line(text="PAY-000012", payers={CUSTOMER: 92}), *others, gone(12, "PAY-000012"))
    assert [one.gone.id for one in verdict.proposals] == [UUID(int=12)]


def test_many_of_one_amount_are_proposed_the_newest_first_and_at_most_five() -> None:
    known = [gone(day, on=date(2026, 1, day)) for day in range(1, 11)]
    verdict = asked(line(on=date(2026, 1, 8)), *known, post_from=1)
    assert [one.gone.on.day for one in verdict.proposals] == [8, 7, 6, 5, 4], "none that came after it went"
    assert {one.rule for one in verdict.proposals} == {MatchRule.AMOUNT} and verdict.certain is None


def test_a_refund_may_be_recorded_after_the_bank_did_it() -> None:
    later = gone(1, "OUT-2026", kind=MatchKind.REFUND, on=date(2026, 1, 9))
    assert asked(line(text="OUT-2026"), later).certain is not None
    assert found(asked(line(text="OUT-2026"), replace(later, kind=MatchKind.RETURN))) == []


def test_who_got_it_is_asked_before_the_amount_alone() -> None:
    ours, theirs = gone(1), gone(2, customer_id=OTHER)
    assert [one.gone for one in asked(line(payers={OTHER: 90}), ours, theirs).proposals] == [theirs]
    assert found(asked(line(payers={OTHER: 90}), ours)) == [], "somebody else got it"
    by_account = asked(line(account="DE89"), replace(ours, payer_account="DE89"), theirs, post_from=1)
    assert found(by_account) == [("PAYER", 75, False)]


def test_what_a_line_tells_of_is_gone_for_the_next_one() -> None:
    one = gone(1, "PAY-000012")
    leavings, policy = Leavings([one]), Policy()
    leavings.take(one)
    assert propose_outgoing(line(text="PAY-000012"), leavings, policy) == OutgoingVerdict()
