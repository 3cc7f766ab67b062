"""A connection that is lost while an operation reads: the client is told to send again, and the next one is served."""

from __future__ import annotations

from typing import Any

from sqlalchemy.pool import QueuePool

from huikuan.graphql import respond
from huikuan.testing.shop import Shop
from kernel.tests.db.lost import lose
from kernel.tests.graphql.engine.lab.models import Knot, Sample
from kernel.tests.graphql.engine.lab.types import SAID


def _code(answer: dict[str, Any]) -> str:
    [error] = answer["errors"]
    return str(error["extensions"]["code"])


def _checked_out(lab: Shop) -> int:
    pool = lab.kernel.database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_before_the_first_statement(lab: Shop) -> None:
    request = lab.kernel.request(lab.scope)
    lose(lab.kernel.database, request.connection)
    answer = respond(request, "{ knots { nodes { code } } }").plain()
    assert answer["data"] is None
    assert _code(answer) == "OVERLOADED"
    assert answer["errors"][0]["path"] == ["knots"]
    assert _checked_out(lab) == 0
    assert lab.query("{ knots { totalCount } }") == {"knots": {"totalCount": 0}}


def test_between_two_fields(lab: Shop) -> None:
    """What was read before is answered; the rest of the snapshot cannot be read any more."""
    with lab.writing() as ctx:
        ctx.add_all([Sample(code="there"), Knot(code="there")])
    request = lab.kernel.request(lab.scope)

    def lost_meanwhile() -> str:
        lose(lab.kernel.database, request.connection)
        return "said"

    SAID["text"] = lost_meanwhile
    document = '{ first: sample(code: "there") { code saidText } then: knot(code: "there") { code } }'
    answer = respond(request, document).plain()
    assert answer["data"] == {"first": {"code": "there", "saidText": "said"}, "then": None}
    assert _code(answer) == "OVERLOADED"
    assert answer["errors"][0]["path"] == ["then"]
    assert _checked_out(lab) == 0
    assert lab.query('{ knot(code: "there") { code } }') == {"knot": {"code": "there"}}


def test_after_the_last_statement(lab: Shop) -> None:
    """All was read: that there is nothing left to end is no error."""
    with lab.writing() as ctx:
        ctx.add(Sample(code="last"))
    request = lab.kernel.request(lab.scope)

    def lost_at_the_end() -> str:
        lose(lab.kernel.database, request.connection)
        return "said"

    SAID["text"] = lost_at_the_end
    answer = respond(request, '{ sample(code: "last") { saidText } }').plain()
    assert (answer["data"], "errors" in answer) == ({"sample": {"saidText": "said"}}, False)
    assert _checked_out(lab) == 0
    assert lab.query('{ sample(code: "last") { code } }') == {"sample": {"code": "last"}}
