"""The one table of what may happen to an order in which state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from huikuan_orders.snapshots import OrderStatus

__all__ = ["RULES", "OrderAction", "Rule", "State", "allowed", "done", "may"]

DRAFT, QUOTED, CONFIRMED = OrderStatus.DRAFT, OrderStatus.QUOTED, OrderStatus.CONFIRMED
DONE, CANCELLED, EXPIRED = OrderStatus.DONE, OrderStatus.CANCELLED, OrderStatus.EXPIRED


class OrderAction(Enum):
    """What can be done to an order."""

    CHANGE = "change a draft's lines or data"
    QUOTE = "offer it to the customer"
    REVISE = "take a quote back to draft"
    CONFIRM = "agree on it"
    AMEND = "change it after it was confirmed, by a change order"
    COMPLETE = "everything is fulfilled"
    CANCEL = "end it"
    EXPIRE = "its validity ran out"
    HOLD = "stop it for a while, with a reason"
    UNHOLD = "let it go on"
    CLOSE = "give up what is not yet fulfilled, with a reason"
    REOPEN = "take a closed order up again; every check is asked anew"
    RECORD = "enter an order of the past, as done"


@dataclass(frozen=True, slots=True)
class State:
    """All of an order that decides what may be done to it."""

    status: OrderStatus
    held: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """From which statuses an action is allowed, and where it leads; None: the status stays.

    An order on hold or closed allows only what says so. What is ``automatic`` is done by the clock or
    by whoever fulfils the order, not by hand.
    """

    sources: frozenset[OrderStatus]
    target: OrderStatus | None = None
    when_held: bool = False
    only_held: bool = False
    only_closed: bool = False
    automatic: bool = False

    def allows(self, state: State) -> bool:
        if state.status not in self.sources or self.only_closed != state.closed:
            return False
        return (self.when_held or not state.held) and (state.held or not self.only_held)


RULES: dict[OrderAction, Rule] = {
    OrderAction.CHANGE: Rule(frozenset({DRAFT}), when_held=True),
    OrderAction.QUOTE: Rule(frozenset({DRAFT}), QUOTED),
    OrderAction.REVISE: Rule(frozenset({QUOTED, EXPIRED}), DRAFT, when_held=True),
    OrderAction.CONFIRM: Rule(frozenset({DRAFT, QUOTED}), CONFIRMED),
    OrderAction.AMEND: Rule(frozenset({CONFIRMED})),
    OrderAction.COMPLETE: Rule(frozenset({CONFIRMED}), DONE, automatic=True),
    OrderAction.CANCEL: Rule(frozenset({DRAFT, QUOTED, CONFIRMED}), CANCELLED, when_held=True),
    OrderAction.EXPIRE: Rule(frozenset({DRAFT, QUOTED}), EXPIRED, when_held=True, automatic=True),
    OrderAction.HOLD: Rule(frozenset({DRAFT, QUOTED, CONFIRMED})),
    OrderAction.UNHOLD: Rule(frozenset({DRAFT, QUOTED, CONFIRMED}), when_held=True, only_held=True),
    OrderAction.CLOSE: Rule(frozenset({CONFIRMED}), when_held=True),
    OrderAction.REOPEN: Rule(frozenset({CONFIRMED}), when_held=True, only_closed=True),
}


def may(action: OrderAction, state: State) -> bool:
    """Whether the table allows an action."""
    rule = RULES.get(action)
    return rule is not None and rule.allows(state)


def allowed(state: State) -> list[OrderAction]:
    """What may be done by hand in a state, in the table's order."""
    return [action for action, rule in RULES.items() if rule.allows(state) and not rule.automatic]


def done(action: OrderAction, state: State) -> bool:
    """Whether the state already is what the action would bring about: then a repeat is harmless."""
    rule = RULES.get(action)
    if rule is None:
        return False
    if rule.target is not None:
        return state.status is rule.target and not state.closed
    if state.status not in rule.sources:
        return False
    return {
        OrderAction.HOLD: state.held,
        OrderAction.UNHOLD: not state.held,
        OrderAction.CLOSE: state.closed,
        OrderAction.REOPEN: not state.closed,
    }.get(action, False)
