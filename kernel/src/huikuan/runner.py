"""Runs a command: one transaction, one permission, idempotent, audited, retried only when safe.

Order inside: idempotency row, body (locks, read, vetoes, writes, reactions), numbers, audit and
outbox, commit. A refusal writes exactly: idempotency row, audit row, holds and their events.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from huikuan import recorder
from huikuan.actor import Actor, ActorKind, TenantInfo
from huikuan.clock import Clock
from huikuan.codec import digest
from huikuan.commands import Command
from huikuan.composition import Composition
from huikuan.context import Context
from huikuan.core.models import IdempotencyRecord
from huikuan.db import Database, GuardedSession
from huikuan.db.writes import forget_writes, insert_if_absent
from huikuan.errors import BadInput, Conflict, Forbidden, Level, Refusal, Refused, SetupError, Unauthenticated
from huikuan.retry import ATTEMPTS, LOCK_TIMEOUT, RETRIED, is_busy, is_duplicate, is_retried
from huikuan.services import Services
from huikuan.telemetry import COMMAND_SECONDS, COMMANDS

__all__ = ["ATTEMPTS", "LOCK_TIMEOUT", "RETRIED", "CommandResult", "Runner", "Scope", "context", "finish"]

log = structlog.get_logger("huikuan.commands")


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf: everything of a request that stays the same over its commands."""

    tenant: TenantInfo
    actor: Actor
    composition: Composition
    request_id: str
    services: Services
    client: str = ""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command answered. ``values`` holds ids of models and encoded plain values by payload field."""

    outcome: str
    values: Mapping[str, Any]
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    replayed: bool = False

    @property
    def done(self) -> bool:
        return self.outcome == "DONE"


class Runner:
    """Runs commands against one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run(
        self,
        scope: Scope,
        command: Command[..., Any],
        arguments: Mapping[str, Any],
        *,
        key: str | None = None,
    ) -> CommandResult:
        """Run a command from outside; raises a HuikuanError when it is not permitted, malformed or broken."""
        self._check(scope, command, key)
        key = key if command.idempotency != "none" else None
        started = time.perf_counter()
        try:
            result = self._retried(lambda: self._attempt(scope, command, arguments, key))
        except Exception:
            COMMANDS.labels(command.name, "error").inc()
            raise
        COMMAND_SECONDS.labels(command.name).observe(time.perf_counter() - started)
        COMMANDS.labels(command.name, "replayed" if result.replayed else result.outcome.lower()).inc()
        return result

    def _check(self, scope: Scope, command: Command[..., Any], key: str | None) -> None:
        if command.surface != scope.composition.surface:
            raise SetupError(
                f"command {command.name} belongs to the {command.surface} surface, this is {scope.composition.surface}"
            )
        if command.permission is not None and not scope.actor.may(command.permission):
            if scope.actor.kind is ActorKind.ANONYMOUS:
                raise Unauthenticated("Sign in first.")
            raise Forbidden(f"This needs the permission {command.permission}.", permission=command.permission)
        if key is None and command.idempotency == "key" and scope.actor.kind is not ActorKind.SYSTEM:
            raise BadInput("Send an idempotencyKey: it makes a repeat of this mutation safe.", field="idempotencyKey")
        if key is not None and not 1 <= len(key) <= 255:
            raise BadInput("An idempotencyKey has 1 to 255 characters.", field="idempotencyKey")

    def _retried(self, attempt: Callable[[], CommandResult]) -> CommandResult:
        for number in range(1, ATTEMPTS + 1):
            try:
                return attempt()
            except DBAPIError as error:
                if is_busy(error):
                    raise Conflict(
                        "Another command holds what this one needs; try again.", reason="IN_FLIGHT"
                    ) from error
                if is_duplicate(error):
                    raise Conflict(
                        "Another command has just written the same key; repeat this one to see its result.",
                        reason="CONCURRENT",
                    ) from error
                if not is_retried(error):
                    raise
                if number == ATTEMPTS:
                    raise Conflict("Too many commands at once; try again.", reason="CONCURRENT") from error
                time.sleep(random.uniform(0.005, 0.03) * number)
        raise AssertionError("unreachable")

    def _attempt(
        self, scope: Scope, command: Command[..., Any], arguments: Mapping[str, Any], key: str | None
    ) -> CommandResult:
        request_hash = digest(command.disclosed(arguments)) if key is not None else ""
        refused: tuple[Context, Refused] | None = None
        try:
            with self._database.command(scope.tenant.id, self._clock) as session:
                ctx = context(scope, session, command.name)
                if key is not None:
                    replay = self._claim(ctx, session, command, key, request_hash)
                    if replay is not None:
                        return replay
                forget_writes(session)
                try:
                    result = self._body(ctx, session, command, arguments)
                except Refused as error:
                    refused = (ctx, error)
                    if ctx.wrote:
                        raise
                    result = self._refuse(ctx, session, command, arguments, error)
                if key is not None:
                    self._store(ctx, session, command, key, result)
                return result
        except Refused:
            assert refused is not None
        return self._refused_after_write(scope, command, arguments, key, request_hash, refused)

    def _body(
        self, ctx: Context, session: GuardedSession, command: Command[..., Any], arguments: Mapping[str, Any]
    ) -> CommandResult:
        ctx.arguments = ctx.composition.resolve_arguments(ctx, command, arguments)
        with ctx.calling(ctx.composition.owner_of(command)):
            value = command.function(ctx, **ctx.arguments)
            session.flush()
        values = recorder.payload(command, value)
        ctx.settle_holds()
        ctx.fill_numbers()
        changes = recorder.changes(session)
        recorder.write(ctx, session, command, arguments, values, changes=changes)
        return CommandResult("DONE", values, tuple(ctx.work.remaining), tuple(ctx.work.warnings))

    def _refuse(
        self,
        ctx: Context,
        session: GuardedSession,
        command: Command[..., Any],
        arguments: Mapping[str, Any],
        error: Refused,
    ) -> CommandResult:
        ctx.work.events.clear()
        refusals = ctx.composition.holds.place(ctx, command, arguments, error.refusals)
        recorder.write(ctx, session, command, arguments, {}, refusals=refusals)
        return CommandResult("REFUSED", {}, refusals=refusals, warnings=tuple(ctx.work.warnings))

    def _refused_after_write(
        self,
        scope: Scope,
        command: Command[..., Any],
        arguments: Mapping[str, Any],
        key: str | None,
        request_hash: str,
        refused: tuple[Context, Refused],
    ) -> CommandResult:
        """The first transaction is rolled back; a second one records that the answer was no."""
        first, error = refused
        with self._database.command(scope.tenant.id, self._clock) as session:
            ctx = context(scope, session, command.name)
            ctx.work.holds, ctx.work.warnings = first.work.holds, first.work.warnings
            ctx.arguments = first.arguments
            if key is not None:
                replay = self._claim(ctx, session, command, key, request_hash)
                if replay is not None:
                    return replay
            result = self._refuse(ctx, session, command, arguments, error)
            if key is not None:
                self._store(ctx, session, command, key, result)
            return result

    def _claim(
        self, ctx: Context, session: GuardedSession, command: Command[..., Any], key: str, request_hash: str
    ) -> CommandResult | None:
        """Insert the idempotency row, or replay the outcome that stands there.

        On PostgreSQL the insert waits for a duplicate in flight (at most lock_timeout); on SQLite
        the command's transaction is alone anyway.
        """
        row = {"actor_id": ctx.actor.id, "command": command.name, "key": key, "request_hash": request_hash}
        if insert_if_absent(session, IdempotencyRecord, row, ("actor_id", "command", "key")):
            return None
        stored = session.execute(
            select(IdempotencyRecord.request_hash, IdempotencyRecord.outcome).filter_by(
                actor_id=ctx.actor.id, command=command.name, key=key
            )
        ).one()
        if stored.request_hash != request_hash:
            raise Conflict("This idempotencyKey was used with other input.", reason="KEY_REUSED")
        return _decode_outcome(stored.outcome)

    def _store(
        self,
        ctx: Context,
        session: GuardedSession,
        command: Command[..., Any],
        key: str,
        result: CommandResult,
    ) -> None:
        session.execute(
            update(IdempotencyRecord)
            .where(
                IdempotencyRecord.actor_id == ctx.actor.id,
                IdempotencyRecord.command == command.name,
                IdempotencyRecord.key == key,
            )
            .values(outcome=_encode_outcome(result))
            .execution_options(synchronize_session=False)
        )


def context(scope: Scope, session: GuardedSession, command: str, *, preview: bool = False) -> Context:
    """A unit of work on this session for ``scope``."""
    return Context(
        session=session,
        composition=scope.composition,
        tenant=scope.tenant,
        actor=scope.actor,
        request_id=scope.request_id,
        services=scope.services,
        client=scope.client,
        command=command,
        preview=preview,
    )


def finish(ctx: Context, session: GuardedSession, name: str) -> None:
    """End a unit of work that is no command (a subscriber, a job): numbers, audit row, events."""
    session.flush()
    ctx.fill_numbers()
    recorder.write_work(ctx, session, name)


def _encode_outcome(result: CommandResult) -> dict[str, Any]:
    return {
        "outcome": result.outcome,
        "values": result.values,
        "refusals": [recorder.refusal(refusal) for refusal in result.refusals],
        "warnings": [recorder.refusal(refusal) for refusal in result.warnings],
    }


def _decode_outcome(stored: Mapping[str, Any]) -> CommandResult:
    return CommandResult(
        stored["outcome"],
        stored["values"],
        tuple(_decode_refusal(item) for item in stored["refusals"]),
        tuple(_decode_refusal(item) for item in stored["warnings"]),
        replayed=True,
    )


def _decode_refusal(item: Mapping[str, Any]) -> Refusal:
    plain = Refusal(
        item["code"],
        item["message"],
        level=Level(item["level"]),
        field=item["field"],
        advice=item["advice"],
        **item["data"],
    )
    hold = item.get("hold")
    return plain.stamped(module=item.get("module"), hold_id=UUID(hold) if hold else None)
