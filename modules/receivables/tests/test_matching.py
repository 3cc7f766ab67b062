"""The ladder of matching, without a database: what is found, how sure it is, and what is never posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan_receivables.matching import (
    Book,
    BookItem,
    Line,
    Policy,
    Sums,
    Verdict,
    account_key,
    name_key,
    number_key,
    numbers_in,
    propose,
    subsets,
)
from huikuan_receivables.snapshots import MatchRule

DAY = date(2026, 1, 5)
NOTHING = Decimal(0)
ANNA, BERT, CARL = UUID(int=1), UUID(int=2), UUID(int=3)


def item(
    number: str, amount: str, owner: UUID = ANNA, *, part: int = 1, currency: str = "EUR", payer: UUID | None = None
) -> BookItem:
    """An open instalment."""
    name = UUID(int=abs(hash((number, part, owner))))
    invoice = UUID(int=abs(hash((number, owner))))
    due = DAY + timedelta(days=30 * part)
    return BookItem(name, invoice, number, part, owner, payer or owner, currency, Decimal(amount), due)


def line(amount: str, text: str = "", reference: str = "", payer: UUID | None = None, sure: int = 92) -> Line:
    payers = {} if payer is None else {payer: sure}
    return Line(on=DAY, amount=Decimal(amount), currency="EUR", reference=reference, text=text, payers=payers)


def found(a_line: Line, *items: BookItem, tolerance: str = "0", post_from: int = 80) -> Verdict:
    return propose(a_line, Book(items), Policy(post_from=post_from, tolerance=Decimal(tolerance)))


def said(verdict: Verdict) -> tuple[MatchRule, int, bool]:
    best = verdict.proposals[0]
    return best.rule, best.score, verdict.certain is not None


class TestNumbers:
    @pytest.mark.parametrize(
        "text",
        [
            "INV-000123",
            "payment for inv 123, thanks",
            "Invoice no. INV000123.",
            "Rechnung Inv. Nr. 00123 vom 05.01.2026",
            "货款INV-000123",
            "付发票号：ＩＮＶ－０００１２３，谢谢",
            "INV_123/ORDER 99",
            "(INV123)",
        ],
    )
    def test_a_number_is_found_however_it_is_written(self, text: str) -> None:
        assert numbers_in(text, {("INV", "123")}.__contains__) == [("INV", "123")]

    @pytest.mark.parametrize(
        "text", ["INV-123-4", "X-INV-123", "INV-1234", "INV123A", "AINV123", "INV 货款 123", "SINV-123", "INV.123.5"]
    )
    def test_what_is_tied_to_something_else_is_another_number(self, text: str) -> None:
        assert not numbers_in(text, {("INV", "123")}.__contains__)

    def test_the_longest_number_counts(self) -> None:
        known = {("INV", "2026"), ("INV", "2026", "7")}
        assert numbers_in("INV-2026-0007", known.__contains__) == [("INV", "2026", "7")]

    def test_lists_are_read_whole(self) -> None:
        known = {("INV", str(number)) for number in range(120, 130)}
        assert numbers_in("INV-120/121, 125 and INV-127", known.__contains__) == [
            ("INV", "120"),
            ("INV", "121"),
            ("INV", "125"),
            ("INV", "127"),
        ]

    @given(st.text(max_size=60))
    def test_any_text_can_be_read(self, text: str) -> None:
        for key in numbers_in(text, lambda _key: True):
            assert any(run.isdigit() for run in key)
        assert number_key(text) == number_key(text.upper())

    @given(st.from_regex(r"[A-Z]{1,5}-[0-9]{1,8}", fullmatch=True), st.sampled_from(["", "pay ", "货款 ", "(", "1. "]))
    def test_a_number_is_found_in_what_surrounds_it(self, number: str, before: str) -> None:
        key = number_key(number)
        assert numbers_in(f"{before}{number}, thanks", {key}.__contains__) == [key]

    def test_names_and_accounts_are_compared_without_their_spelling(self) -> None:
        assert (
            name_key("ACME  Trading Co., Limited") == name_key("Acme Trading Co Ltd") != name_key("Acme Trading GmbH")
        )
        assert name_key("宁波 海港贸易有限责任公司") == name_key("宁波海港贸易有限公司")
        assert name_key("A B") == ""
        assert account_key("de89 3704-0044") == "DE8937040044"


class TestSums:
    @settings(max_examples=300)
    @given(st.lists(st.integers(1, 40), max_size=9), st.integers(1, 120))
    def test_they_are_what_trying_all_finds(self, cents: list[int], target: int) -> None:
        amounts = [Decimal(cent) / 100 for cent in cents]
        goal = Decimal(target) / 100
        ways = [way for size in range(2, len(cents) + 1) for way in combinations(range(len(cents)), size)]
        real = {way for way in ways if sum((amounts[place] for place in way), Decimal(0)) == goal}
        one = goal in amounts
        result = subsets(amounts, goal)
        assert result.exhaustive
        assert set(result.ways) <= real | {(place,) for place in range(len(cents))}
        if not one:
            assert len(result.ways) == min(2, len(real))
            assert result.unique == (len(real) == 1)

    def test_what_is_too_much_to_try_is_not_called_unique(self) -> None:
        many = [Decimal(2) ** place for place in range(30)]
        assert not subsets(many, Decimal(3)).unique
        odd = [Decimal(number**5 % 99_991 + 1) / 100 for number in range(1, 25)]
        assert subsets(odd, sum(odd[::2], Decimal(0))) == Sums((), exhaustive=False)


class TestLadder:
    def test_the_rungs_in_their_order(self) -> None:
        mine, other = item("INV-1001", "100"), item("INV-1002", "100")
        assert said(found(line("100", "INV-1002", "INV-1001", ANNA), mine, other))[0] is MatchRule.REFERENCE
        assert said(found(line("100", "INV-1002", "", ANNA), mine, other))[0] is MatchRule.NUMBER
        assert said(found(line("100", "1002", "", ANNA), mine, other))[0] is MatchRule.NUMBER
        assert said(found(line("100", "", "", ANNA), mine)) == (MatchRule.PAYER, 92, True)
        assert said(found(line("160", "", "", ANNA), mine, item("INV-3", "60"), item("INV-4", "70"))) == (
            MatchRule.SUBSET,
            85,
            True,
        )
        assert said(found(line("100"), mine)) == (MatchRule.AMOUNT, 70, False)
        assert said(found(line("33", payer=ANNA), mine)) == (MatchRule.PAYER, 45, False)
        assert not found(line("33"), mine).proposals

    def test_a_tie_is_never_posted(self) -> None:
        two = item("INV-1", "100"), item("INV-2", "100")
        for tied in (line("100", payer=ANNA), line("100")):
            verdict = found(tied, *two, post_from=1)
            assert (len(verdict.proposals), verdict.certain) == (2, None)
        assert "2 items have just this amount open" in found(line("100"), *two).proposals[0].reason

    def test_an_amount_alone_is_posted_only_where_that_is_wanted(self) -> None:
        only = item("INV-1", "100")
        assert found(line("100"), only).certain is None
        assert found(line("100"), only, post_from=70).certain is not None

    def test_a_payer_who_is_known_keeps_others_invoices_away(self) -> None:
        assert found(line("100", payer=BERT), item("INV-1", "100")).proposals[0].parts == ()
        named = found(line("100", "INV-1", payer=BERT), item("INV-1", "100")).proposals[0]
        assert (named.score, "somebody else" in named.reason) == (83, True)

    def test_who_pays_for_others_is_known_too(self) -> None:
        verdict = found(line("100", payer=BERT), item("INV-1", "100", ANNA, payer=BERT))
        assert verdict.certain is not None and verdict.certain.customer_id == ANNA

    def test_instalments_are_paid_in_the_order_in_which_they_are_due(self) -> None:
        parts = [item("INV-1", "40", part=number) for number in (1, 2, 3)]
        certain = found(line("80", "INV-1"), *parts).certain
        assert certain is not None and [(part.item.sequence, part.amount) for part in certain.parts] == [
            (1, Decimal(40)),
            (2, Decimal(40)),
        ]
        whole = found(line("120", payer=ANNA), *parts, item("INV-9", "1")).certain
        assert whole is not None and len(whole.parts) == 3

    def test_too_little_and_too_much(self) -> None:
        invoice = item("INV-1", "100")
        short = found(line("99.97", "INV-1"), invoice, tolerance="0.05").certain
        assert short is not None and (short.parts[0].write_off, short.short) == (Decimal("0.03"), NOTHING)
        less = found(line("80", "INV-1"), invoice, tolerance="0.05").certain
        assert less is not None and (less.short, less.parts[0].write_off) == (Decimal(20), NOTHING)
        more = found(line("130", "INV-1"), invoice, tolerance="0.05").certain
        assert more is not None and (more.rest, more.kept) == (Decimal(30), False)
        little = found(line("100.05", "INV-1"), invoice, tolerance="0.05").certain
        assert little is not None and (little.rest, little.kept) == (Decimal("0.05"), True)

    def test_several_named_and_the_amount_is_one_of_them(self) -> None:
        three = [item("INV-1", "10"), item("INV-2", "20"), item("INV-3", "40")]
        all_three = found(line("70", "INV-1, INV-2 + INV-3"), *three).certain
        assert all_three is not None and len(all_three.parts) == 3
        one = found(line("20", "INV-1/2/3"), *three).certain
        assert one is not None and [part.item.number for part in one.parts] == ["INV-2"]
        assert found(line("25", "INV-1/2/3"), *three).certain is None, "nobody knows which of them"

    def test_a_discount_is_taken_in_time(self) -> None:
        early = item("INV-1", "100")._replace(discount=Decimal(2), discount_until=DAY)
        certain = found(line("98", "INV-1"), early).certain
        assert certain is not None and certain.parts[0][1:4] == (Decimal(98), NOTHING, Decimal(2))
        assert found(line("98", payer=ANNA), early).certain is not None
        late = early._replace(discount_until=DAY - timedelta(days=1))
        verdict = found(line("98", "INV-1"), late)
        assert verdict.proposals[0].short == 2

    def test_accounts_of_several_are_not_mixed(self) -> None:
        verdict = found(line("30", "INV-1 INV-2"), item("INV-1", "10"), item("INV-2", "20", BERT))
        assert verdict.certain is None and verdict.proposals[0].customer_id is None

    def test_another_currency_needs_somebody(self) -> None:
        verdict = found(line("100", "INV-1"), item("INV-1", "110", currency="USD"))
        assert verdict.certain is None and verdict.proposals[0].foreign

    def test_digits_count_only_with_the_amount(self) -> None:
        bare = item("0000611365", "55.94")
        assert said(found(line("55.94", "ref 611365"), bare)) == (MatchRule.NUMBER, 84, True)
        assert not found(line("50", "ref 611365"), bare).proposals
        assert said(found(line("50", reference="0000611365"), bare))[0] is MatchRule.REFERENCE
        assert said(found(line("55.94", "CN-611365"), bare))[0] is MatchRule.AMOUNT, "another document's number"

    def test_a_structured_reference_has_its_check_digits(self) -> None:
        book = item("INV-123", "10")
        assert said(found(line("10", reference="RF36 INV0 0012 3"), book))[0] is not MatchRule.REFERENCE
        good = next(f"RF{check:02}INV000123" for check in range(100) if _valid(f"RF{check:02}INV000123"))
        assert said(found(line("10", reference=good), book)) == (MatchRule.REFERENCE, 100, True)

    def test_what_was_taken_is_not_open_any_more(self) -> None:
        invoice = item("INV-1", "100")
        book = Book([invoice])
        book.take(invoice.item_id, Decimal(60))
        assert [left.open for left in book.of_amount("EUR", Decimal(40))] == [Decimal(40)]
        book.take(invoice.item_id, Decimal(40))
        assert len(book) == 0 and not propose(line("40", "INV-1"), book, Policy()).proposals


def _valid(reference: str) -> bool:
    moved = reference[4:] + reference[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


AMOUNTS = st.integers(1, 30).map(lambda tens: Decimal(tens * 10))
OWNERS = st.sampled_from([ANNA, BERT, CARL])
ITEMS = st.lists(st.tuples(st.integers(1, 12), AMOUNTS, OWNERS), min_size=1, max_size=8, unique_by=lambda one: one[0])


def _texts(numbers: Sequence[int]) -> st.SearchStrategy[str]:
    named = st.lists(st.sampled_from(numbers), max_size=3).map(lambda some: " ".join(f"INV-{one:06}" for one in some))
    return st.one_of(named, st.sampled_from(["", "thanks", "货款", "000007"]))


@settings(max_examples=500)
@given(st.data(), ITEMS)
def test_whatever_comes_money_is_neither_lost_nor_guessed(
    data: st.DataObject, rows: list[tuple[int, Decimal, UUID]]
) -> None:
    """Parts and rest come to the amount, no item gets more than is open, and two best ones are never posted."""
    items = [item(f"INV-{number:06}", str(amount), owner) for number, amount, owner in rows]
    payer = data.draw(st.one_of(st.none(), OWNERS))
    a_line = line(
        str(data.draw(AMOUNTS)),
        data.draw(_texts([row[0] for row in rows])),
        data.draw(_texts([row[0] for row in rows])),
        payer,
        data.draw(st.sampled_from([84, 87, 92])),
    )
    verdict = propose(a_line, Book(items), Policy(post_from=data.draw(st.integers(1, 100)), tolerance=Decimal(10)))
    scores = [proposal.score for proposal in verdict.proposals]
    assert scores == sorted(scores, reverse=True)
    for proposal in verdict.proposals:
        assert sum((part.amount for part in proposal.parts), Decimal(0)) + proposal.rest == a_line.amount
        assert all(0 < part.amount + part.write_off + part.discount <= part.item.open for part in proposal.parts)
        assert len({part.item.item_id for part in proposal.parts}) == len(proposal.parts)
        assert proposal.reason.count("{") == 0
    if verdict.certain is not None:
        assert scores.count(verdict.certain.score) == 1 and verdict.certain.score == scores[0]
        assert {part.item.customer_id for part in verdict.certain.parts} <= {verdict.certain.customer_id}
