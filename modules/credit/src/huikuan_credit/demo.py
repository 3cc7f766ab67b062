"""What credit shows in ``huikuan demo``: a limit for everybody, and somebody else who decides what exceeds it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from huikuan.core.models import Hold, HoldStatus
from huikuan.demo_step import DemoRun, DemoStep
from huikuan.graphql.ids import encode_id
from huikuan_credit.errors import OVER_LIMIT

__all__ = ["STEPS"]

LIMIT = Decimal(500)
DECIDE_AFTER = timedelta(days=2)
EVERY = 3
"""Of the cases that the controller decides, one of so many is rejected."""


def _limit(demo: DemoRun) -> dict[str, Any]:
    """One limit for every customer that has none of its own."""
    money = {"amount": LIMIT, "currency": demo.scope.tenant.currency}
    demo.command("credit_limit_set", amount=money, reason="the house limit for new customers")
    return {}


def _decide(demo: DemoRun, day: date) -> dict[str, Any]:
    """Somebody who asked for none of it decides what has waited: two are released, the third is rejected."""
    own = Hold.code == OVER_LIMIT.code
    with demo.kernel.reading(demo.scope) as ctx:
        waiting = (own, Hold.status == HoldStatus.OPEN, Hold.created_at <= ctx.now - DECIDE_AFTER)
        found = ctx.scalars(select(Hold.id).where(*waiting).order_by(Hold.id))
        decided = (own, Hold.status.in_((HoldStatus.RELEASED, HoldStatus.REJECTED)))
        before = ctx.scalar(select(func.count()).select_from(Hold).where(*decided)) or 0
    if not found:
        return {}
    controller = demo.colleague("credit-controller")
    done = 0
    for number, id in enumerate(found, start=before + 1):
        if number % EVERY == 0:
            done += controller.command("hold_reject", id=id, reason="No more before the last invoice is paid.").done
        else:
            done += controller.command("hold_release", id=id, reason="A customer of many years.").done
    return {"credit_cases_decided": done}


def _finish(demo: DemoRun) -> dict[str, Any]:
    """How many orders were held, and what became of them."""
    with demo.kernel.reading(demo.scope) as ctx:
        states = ctx.rows(select(Hold.status, func.count()).where(Hold.code == OVER_LIMIT.code).group_by(Hold.status))
        held = ctx.scalar(select(func.count(Hold.subject_id.distinct())).where(Hold.code == OVER_LIMIT.code))
    found = {row[0]: row[1] for row in states}
    return {
        "held_by_credit": held or 0,
        "released_by_credit": found.get(HoldStatus.RELEASED, 0),
        "rejected_by_credit": found.get(HoldStatus.REJECTED, 0),
    }


def _queries(demo: DemoRun) -> list[tuple[str, str]]:
    """An order that is held, or was."""
    held = (Hold.code == OVER_LIMIT.code, Hold.subject_type == "Order")
    with demo.kernel.reading(demo.scope) as ctx:
        waiting = ctx.scalar(select(Hold.subject_id).where(*held, Hold.status == HoldStatus.OPEN).limit(1))
        order = waiting or ctx.scalar(select(Hold.subject_id).where(*held).order_by(Hold.id.desc()).limit(1))
    if order is None:
        return []
    return [
        (
            "What would the customer owe, and what would let its order pass?",
            f"""query {{
  orderConfirmPreview(id: "{encode_id("Order", order)}") {{
    passes exposure {{ before {{ amount }} after {{ amount }} limit {{ amount }} }}
    refusals {{ code message advice needed {{ amount currency }} }}
  }}
}}""",
        )
    ]


STEPS = (DemoStep(7, "setting a credit limit", _limit, each_day=_decide, finish=_finish, queries=_queries),)
