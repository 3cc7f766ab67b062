"""The table of states: what may happen to an order when (ORD-2, ORD-13)."""

from __future__ import annotations

import pytest

from huikuan_orders.snapshots import OrderStatus
from huikuan_orders.states import RULES, OrderAction, State, allowed, done, may

FREE = {
    "DRAFT": {"CHANGE", "QUOTE", "CONFIRM", "CANCEL", "EXPIRE", "HOLD"},
    "QUOTED": {"REVISE", "CONFIRM", "CANCEL", "EXPIRE", "HOLD"},
    "CONFIRMED": {"AMEND", "COMPLETE", "CANCEL", "HOLD", "CLOSE"},
    "DONE": set(),
    "CANCELLED": set(),
    "EXPIRED": {"REVISE"},
}
HELD = {
    "DRAFT": {"CHANGE", "CANCEL", "EXPIRE", "UNHOLD"},
    "QUOTED": {"REVISE", "CANCEL", "EXPIRE", "UNHOLD"},
    "CONFIRMED": {"CANCEL", "UNHOLD", "CLOSE"},
    "DONE": set(),
    "CANCELLED": set(),
    "EXPIRED": {"REVISE"},
}


def actions(state: State) -> set[str]:
    return {action.name for action in OrderAction if may(action, state)}


@pytest.mark.parametrize("status", list(OrderStatus), ids=lambda status: status.name)
def test_each_status_allows_exactly_what_the_table_says(status: OrderStatus) -> None:
    assert actions(State(status)) == FREE[status.name]
    assert actions(State(status, held=True)) == HELD[status.name]


@pytest.mark.parametrize("status", list(OrderStatus), ids=lambda status: status.name)
def test_a_closed_order_can_only_be_reopened(status: OrderStatus) -> None:
    found = {action for action in OrderAction if may(action, State(status, closed=True))}
    assert found == ({OrderAction.REOPEN} if status is OrderStatus.CONFIRMED else set())


def test_what_the_clock_and_the_warehouse_do_is_not_offered_to_people() -> None:
    assert {action.name for action in allowed(State(OrderStatus.CONFIRMED))} == {"AMEND", "CANCEL", "HOLD", "CLOSE"}
    assert OrderAction.EXPIRE not in allowed(State(OrderStatus.QUOTED))


@pytest.mark.parametrize("action", list(RULES), ids=lambda action: action.name)
def test_nothing_leads_out_of_done_and_cancelled(action: OrderAction) -> None:
    assert not RULES[action].sources & {OrderStatus.DONE, OrderStatus.CANCELLED}


def test_a_repeat_is_recognised() -> None:
    assert done(OrderAction.CONFIRM, State(OrderStatus.CONFIRMED))
    assert not done(OrderAction.CONFIRM, State(OrderStatus.CONFIRMED, closed=True))
    assert not done(OrderAction.CONFIRM, State(OrderStatus.DONE))
    assert done(OrderAction.CLOSE, State(OrderStatus.CONFIRMED, closed=True))
    assert not done(OrderAction.CLOSE, State(OrderStatus.DRAFT))
    assert done(OrderAction.HOLD, State(OrderStatus.DRAFT, held=True))
    assert done(OrderAction.REOPEN, State(OrderStatus.CONFIRMED))
    assert not done(OrderAction.REOPEN, State(OrderStatus.CANCELLED))
    assert not done(OrderAction.AMEND, State(OrderStatus.CONFIRMED))
