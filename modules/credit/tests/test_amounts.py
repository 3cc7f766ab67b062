"""The arithmetic of what is owed: disjoint, exact, never negative, whatever happened to the lines."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from huikuan_credit.amounts import Line, decoded, encoded, open_of
from huikuan_credit.snapshots import PositionState

ZERO = Decimal(0)
SETTLED = (PositionState.CLOSED, PositionState.DONE)
STATES = st.sampled_from(list(PositionState))


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """A line that came as far as any line can: nothing is more than was ordered."""
    quantity = draw(st.integers(1, 50))
    shipped = draw(st.integers(0, quantity))
    invoiced = draw(st.integers(0, quantity))
    sign = draw(st.sampled_from((1, 1, 1, -1)))
    figures = {
        "quantity": quantity,
        "shipped": shipped,
        "returned": draw(st.integers(0, shipped)),
        "invoiced": invoiced,
        "given_up": draw(st.integers(0, quantity - invoiced)),
    }
    gross = Decimal(draw(st.integers(0, 10_000_000))) / 100
    return Line(gross=gross * sign, **{name: Decimal(value) * sign for name, value in figures.items()})


@given(st.lists(lines(), max_size=6), STATES, st.integers(0, 1_000_000))
def test_no_part_is_ever_negative_or_more_than_all(found: list[Line], state: PositionState, deposit: int) -> None:
    owed = open_of(found, "EUR", state, Decimal(deposit) / 100)
    assert owed.ordered >= 0 and owed.shipped >= 0
    positive = sum((line.gross for line in found if line.gross > 0), ZERO)
    assert owed.ordered + owed.shipped <= positive + Decimal("0.01") * 2 * len(found)


@given(st.lists(lines(), min_size=1, max_size=6), STATES)
def test_a_deposit_lowers_what_is_owed_by_itself_at_most(found: list[Line], state: PositionState) -> None:
    plain, less = open_of(found, "EUR", state), open_of(found, "EUR", state, Decimal(7))
    before, after = plain.ordered + plain.shipped, less.ordered + less.shipped
    assert max(before - 7, ZERO) == after


@given(lines())
def test_an_open_line_is_ordered_shipped_or_gone_and_nothing_twice(line: Line) -> None:
    sign = -1 if line.quantity < 0 else 1
    single = Line(
        gross=line.quantity,
        quantity=line.quantity,
        shipped=line.shipped,
        invoiced=line.invoiced,
        given_up=line.given_up,
    )
    base = Line(gross=Decimal(10**9), quantity=Decimal(1))  # so that a deduction alone is seen too
    owed = open_of([single, base], "EUR", PositionState.OPEN)
    whole, shipped, taken = line.quantity * sign, line.shipped * sign, (line.invoiced + line.given_up) * sign
    expected = (whole - max(shipped, taken)) + max(shipped - taken, ZERO)
    assert owed.ordered + owed.shipped >= 10**9 - whole
    if sign > 0:
        assert owed.ordered + owed.shipped - 10**9 == expected


@given(st.lists(lines(), max_size=6))
def test_before_and_after_an_agreement_only_what_was_delivered_counts(found: list[Line]) -> None:
    assert open_of(found, "EUR", PositionState.WAITING) == open_of([], "EUR", PositionState.OPEN)
    assert all(open_of(found, "EUR", state).ordered == 0 for state in SETTLED)


@given(st.dictionaries(st.uuids(), lines(), max_size=5))
def test_lines_are_stored_as_they_are(found: dict[UUID, Line]) -> None:
    assert decoded(encoded(found)) == found
