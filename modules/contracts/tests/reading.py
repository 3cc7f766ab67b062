"""What tests read of contracts, and what several of them do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import select

from huikuan.core.models import OutboxEvent
from huikuan.testing.shop import Shop

T = TypeVar("T")

CONTRACT = """query($id: ID!) { contract(id: $id) {
  number reference kind billedBy title status currency amount { amount } consumed { amount } remaining { amount }
  planned { amount } received { amount } version signedOn startsOn endsOn fulfilment acceptedOn cancelledOn
  customer { code } parties { role name } signatures { signedOn signedBy signedForUs termsHash }
  amendments { version reason signedOn before after }
  documents { id name mediaType size sha256 uri } tasks { position name doneOn note }
  items { sku cap unitPrice consumed } callOffs { reference status amount { amount } lines { quantity } }
  instalments { id sequence name kind trigger amount { amount } originalOn plannedOn reachedOn dueOn state
    received { amount } receivedOn delayDays droppedIn blocksShipping } } }"""


def read(shop: Shop, contract: Any) -> dict[str, Any]:
    """A contract with all that hangs on it."""
    found: dict[str, Any] = shop.query(CONTRACT, id=getattr(contract, "id", contract))["contract"]
    return found


def instalments(shop: Shop, contract: Any) -> list[dict[str, Any]]:
    """Its instalments, dropped ones included."""
    return list(read(shop, contract)["instalments"])


def plan(shop: Shop, contract: Any) -> list[tuple[str, str | None, str]]:
    """Amount, due day and state of its instalments."""
    return [(it["amount"]["amount"], it["dueOn"], it["state"]) for it in instalments(shop, contract)]


def reach(shop: Shop, contract: Any, sequence: int, **more: Any) -> Any:
    """Report the milestone of an instalment."""
    id = next(it["id"] for it in instalments(shop, contract) if it["sequence"] == sequence)
    return shop.mutate("contractMilestoneReach", id=id, **more)


def events(shop: Shop, *types: str) -> list[str]:
    """The types of events of contracts in order: all of them, or those named."""
    with shop.reading() as ctx:
        statement = select(OutboxEvent.type).where(OutboxEvent.aggregate == "contract").order_by(OutboxEvent.id)
        return [name for name in ctx.scalars(statement) if not types or name in types]


def at_once(calls: Sequence[Callable[[], T]], threads: int) -> list[T]:
    """The results of calls that begin together."""
    gate = threading.Barrier(min(threads, len(calls)))
    begun = threading.local()

    def run(call: Callable[[], T]) -> T:
        if not getattr(begun, "yes", False):
            begun.yes = True
            gate.wait(30)
        return call()

    with ThreadPoolExecutor(min(threads, len(calls))) as pool:
        return list(pool.map(run, calls))
