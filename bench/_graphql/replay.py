"""The executor alone: rows come from memory, as the database answered them once."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Never

from bench._graphql.engine import Engine, some_id
from bench._graphql.same import check_same
from bench._graphql.selections import LIST, ONE
from bench._graphql.site import Site
from bench._graphql.timing import turns
from huikuan.db.prepared import PreparedRead
from huikuan.graphql import RequestScope, respond

__all__ = ["executor", "replaying"]


class Tape:
    """What the database answered to the statements of one operation, in their order."""

    def __init__(self) -> None:
        self.answers: list[Sequence[Any]] = []
        self.place = 0


class Recorded(RequestScope):
    """A request that keeps what it reads."""

    tape: Tape

    def fetch(self, statement: PreparedRead, values: Mapping[str, Any]) -> Sequence[Any]:
        found = super().fetch(statement, values)
        self.tape.answers.append(found)
        return found


class Replayed(RequestScope):
    """A request that reads from the tape; the first answer comes again after the last."""

    tape: Tape

    @property
    def connection(self) -> Never:
        """There is none: an executor alone needs no database."""
        raise AssertionError("an executor alone needs no database")

    def fetch(self, statement: PreparedRead, values: Mapping[str, Any]) -> Sequence[Any]:
        tape = self.tape
        found = tape.answers[tape.place]
        tape.place = (tape.place + 1) % len(tape.answers)
        return found


def replaying(engine: Engine, document: str, variables: Mapping[str, Any]) -> Callable[[], bytes]:
    """A function that answers the operation from recorded rows. This is the one place where rows are put in.

    Everything else is what a request does: look up the document, execute, write the bytes.
    """
    kernel, scope, tape = engine.kernel, engine.scope, Tape()

    def ask(kind: type[Recorded] | type[Replayed]) -> bytes:
        request = kind(scope=scope, runner=kernel.runner, database=kernel.database, clock=kernel.clock)
        request.tape = tape
        with request:
            return respond(request, document, variables).body()

    check_same(ask(Recorded), engine.ask(document, variables))
    assert tape.answers, "nothing was read through RequestScope.fetch"
    check_same(ask(Replayed), engine.ask(document, variables))
    return lambda: ask(Replayed)


def executor(site: Site) -> dict[str, float]:
    """``executor_one_us`` and ``executor_list_ms``."""
    engine = Engine(site.kernel, site.scope(site.few))
    one = replaying(engine, ONE, {"id": some_id(engine)})
    many = replaying(engine, LIST, {"first": site.size.listed})
    taken = turns({"one": one}, site.size.ones, warm=20) | turns({"list": many}, site.size.lists)
    return {
        "executor_one_us": statistics.median(taken["one"]) * 1e6,
        "executor_list_ms": statistics.median(taken["list"]) * 1e3,
    }
