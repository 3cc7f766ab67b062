"""The relay: gives events their place in the feed after commit, and delivers them to subscribers.

One worker at a time holds a tenant's relay (a lease), so a tenant's events are stamped and delivered
in one order. A delivery's effect and its DONE stand in one transaction: at least once becomes once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import Select, func, select, tuple_, update
from sqlalchemy.exc import DBAPIError

from huikuan import events as declared
from huikuan.context import Context
from huikuan.core.directory import Tenant, TenantStatus
from huikuan.core.models import Delivery, DeliveryState, OutboxEvent, Relay
from huikuan.db.writes import insert_rows
from huikuan.errors import HuikuanError, told_to_stop
from huikuan.events import Envelope
from huikuan.runner import Scope, context, finish
from huikuan.telemetry import EVENTS_DELIVERED, OUTBOX_LAG

if TYPE_CHECKING:
    from huikuan.kernel import Kernel

__all__ = ["claim_tenants", "deliver_due", "release_tenant", "replay", "stamp"]

log = structlog.get_logger("huikuan.relay")
LEASE = timedelta(seconds=30)
OUTSIDE = timedelta(minutes=5)
BATCH = 200
ATTEMPTS = 8
BACKOFF = (1, 5, 30, 120, 600, 1800, 3600)


def claim_tenants(kernel: Kernel, owner: str, limit: int = 50) -> list[UUID]:
    """Lease the relays of tenants that have something to stamp or to deliver."""
    now = kernel.clock.now()
    with kernel.database.system(kernel.clock) as session:
        waiting = select(OutboxEvent.tenant_id).where(OutboxEvent.position.is_(None))
        due = select(Delivery.tenant_id).where(Delivery.state == DeliveryState.PENDING, Delivery.next_at <= now)
        tenants = set(session.scalars(waiting.distinct().limit(limit))) | set(
            session.scalars(due.distinct().limit(limit))
        )
        oldest = session.scalar(select(func.min(OutboxEvent.at)).where(OutboxEvent.position.is_(None)))
        OUTBOX_LAG.set((now - oldest).total_seconds() if oldest else 0)
        if not tenants:
            return []
        free = select(Relay.tenant_id, Relay.id).where(
            Relay.tenant_id.in_(tenants), Relay.leased_until <= now, Relay.tenant_id.in_(served())
        )
        statement = (
            update(Relay)
            .where(Relay.leased_until <= now, tuple_(Relay.tenant_id, Relay.id).in_(free.limit(limit)))
            .values(owner=owner, leased_until=now + LEASE, updated_at=now)
            .returning(Relay.tenant_id)
            .execution_options(synchronize_session=False)
        )
        return list(session.scalars(statement))


def served() -> Select[UUID]:
    """Tenants for which anything is done; a suspended one's work waits."""
    return select(Tenant.id).where(Tenant.status == TenantStatus.ACTIVE)


def release_tenant(kernel: Kernel, tenant_id: UUID, owner: str) -> None:
    """Give the lease back, so that the next event need not wait for it to run out."""
    now = kernel.clock.now()
    with kernel.database.system(kernel.clock) as session:
        session.execute(
            update(Relay)
            .where(Relay.tenant_id == tenant_id, Relay.owner == owner)
            .values(owner=None, leased_until=now, updated_at=now)
            .execution_options(synchronize_session=False)
        )


def stamp(kernel: Kernel, scope: Scope, owner: str) -> int:
    """Give the next positions to committed events, and make their deliveries; returns how many."""
    wanted: dict[str, list[str]] = {}
    for consumer, (subscriber, _) in scope.composition.subscribers.items():
        wanted.setdefault(declared.event_name(subscriber.event), []).append(consumer)
    with kernel.database.command(scope.tenant.id, kernel.clock) as session:
        ctx = context(scope, session, "relay")
        if not _holds_lease(ctx, owner):
            return 0
        last = ctx.scalar(select(func.max(OutboxEvent.position))) or 0
        events = _unstamped(ctx)
        deliveries = []
        for position, (event_id, type_) in enumerate(events, start=last + 1):
            ctx.execute(
                update(OutboxEvent)
                .where(OutboxEvent.id == event_id)
                .values(position=position)
                .execution_options(synchronize_session=False)
            )
            deliveries += [
                {"event_id": event_id, "position": position, "consumer": consumer, "next_at": ctx.now}
                | {"state": DeliveryState.PENDING, "attempts": 0}
                for consumer in wanted.get(type_, ())
            ]
        insert_rows(session, Delivery, deliveries)
        return len(events)


def _unstamped(ctx: Context) -> list[tuple[UUID, str]]:
    """The oldest committed events, ids and types, in the order of the feed.

    Ids grow with time in one process only. Within an aggregate the sequence decides, so an aggregate's
    events trade places among themselves, and what comes before one of the batch joins the batch.
    """
    unstamped = select(OutboxEvent.id, OutboxEvent.type, OutboxEvent.aggregate_id, OutboxEvent.sequence).where(
        OutboxEvent.position.is_(None)
    )
    batch = ctx.rows(unstamped.order_by(OutboxEvent.id).limit(BATCH))
    last = {row.aggregate_id: 0 for row in batch}
    for row in batch:
        last[row.aggregate_id] = max(last[row.aggregate_id], row.sequence)
    siblings = ctx.rows(unstamped.where(OutboxEvent.aggregate_id.in_(list(last)))) if batch else ()
    rows = sorted((row for row in siblings if row.sequence <= last[row.aggregate_id]), key=lambda row: row.id)
    queues: dict[UUID, list[tuple[int, UUID, str]]] = {}
    for row in rows:
        queues.setdefault(row.aggregate_id, []).append((row.sequence, row.id, row.type))
    for queue in queues.values():
        queue.sort(reverse=True)
    return [queues[row.aggregate_id].pop()[1:] for row in rows]


def _holds_lease(ctx: Context, owner: str) -> bool:
    """Take the lease row for this transaction: a worker whose lease ran out must not go on."""
    return (
        ctx.execute(
            update(Relay)
            .where(Relay.owner == owner)
            .values(leased_until=ctx.now + LEASE)
            .execution_options(synchronize_session=False)
        )
        == 1
    )


def deliver_due(kernel: Kernel, scope: Scope, owner: str, limit: int = BATCH) -> int:
    """Deliver what is due, in feed order; a failed one holds back the same aggregate for that consumer."""
    due = _due(kernel, scope, limit)
    blocked: set[tuple[str, UUID]] = set()
    delivered = 0
    for delivery_id, consumer, aggregate_id in due:
        if (consumer, aggregate_id) in blocked:
            continue
        if _deliver(kernel, scope, delivery_id, owner):
            delivered += 1
        else:
            blocked.add((consumer, aggregate_id))
    return delivered


def _due(kernel: Kernel, scope: Scope, limit: int) -> list[tuple[UUID, str, UUID]]:
    with kernel.database.read(scope.tenant.id, kernel.clock) as session:
        ctx = context(scope, session, "relay")
        waiting = (Delivery.state == DeliveryState.PENDING, Delivery.next_at > ctx.now)
        held = {
            (row.consumer, row.aggregate_id)
            for row in ctx.rows(
                select(Delivery.consumer, OutboxEvent.aggregate_id)
                .join(
                    OutboxEvent,
                    (OutboxEvent.id == Delivery.event_id) & (OutboxEvent.tenant_id == Delivery.tenant_id),
                )
                .where(*waiting)
            )
        }
        rows = ctx.rows(
            select(Delivery.id, Delivery.consumer, OutboxEvent.aggregate_id)
            .join(
                OutboxEvent,
                (OutboxEvent.id == Delivery.event_id) & (OutboxEvent.tenant_id == Delivery.tenant_id),
            )
            .where(Delivery.state == DeliveryState.PENDING, Delivery.next_at <= ctx.now)
            .order_by(Delivery.position, Delivery.consumer)
            .limit(limit)
        )
        return [
            (row.id, row.consumer, row.aggregate_id) for row in rows if (row.consumer, row.aggregate_id) not in held
        ]


def _deliver(kernel: Kernel, scope: Scope, delivery_id: UUID, owner: str) -> bool:
    """One delivery; False when it must be tried again."""
    try:
        with kernel.database.command(scope.tenant.id, kernel.clock) as session:
            ctx = context(scope, session, "relay")
            if not _holds_lease(ctx, owner):
                return False
            delivery = ctx.get(Delivery, delivery_id)
            if delivery.state is not DeliveryState.PENDING:
                return True
            found = scope.composition.subscribers.get(delivery.consumer)
            if found is None:  # disabled since it was stamped
                delivery.state = DeliveryState.PARKED
                return True
            subscriber, module = found
            row = ctx.get(OutboxEvent, delivery.event_id)
            event = declared.load(subscriber.event, row.payload)
            envelope = Envelope(row.id, row.type, row.at, row.aggregate_id, row.sequence, delivery.attempts + 1)
            if subscriber.transactional:
                ctx.envelope = envelope
                with ctx.calling(module.name):
                    subscriber.function(ctx, event)
                    session.flush()
                ctx.check_intact(module.name, subscriber.name)
                _done(delivery)
                finish(ctx, session, f"{module.name}.{subscriber.name}")
                EVENTS_DELIVERED.labels(delivery.consumer, "done").inc()
                return True
            # Nobody else may call the outside meanwhile; if this process dies it is tried again after that.
            delivery.next_at = ctx.now + OUTSIDE
        with kernel.outside(scope, envelope) as outside:
            subscriber.function(outside, event)
        with kernel.database.command(scope.tenant.id, kernel.clock) as session:
            _done(context(scope, session, "relay").get(Delivery, delivery_id))
        EVENTS_DELIVERED.labels(delivery.consumer, "done").inc()
        return True
    except BaseException as error:
        if told_to_stop(error):
            raise
        return _failed(kernel, scope, delivery_id, error)


def describe(error: BaseException) -> str:
    """What is kept of an error: never the SQL and the values of a database's."""
    if isinstance(error, DBAPIError):
        return f"{type(error).__name__} (see the log)"
    return f"{type(error).__name__}: {error}"[:500]


def _done(delivery: Delivery) -> None:
    delivery.state = DeliveryState.DONE
    delivery.attempts += 1
    delivery.error = None


def _failed(kernel: Kernel, scope: Scope, delivery_id: UUID, error: BaseException) -> bool:
    """Count the failure; after the last attempt the delivery is dead and stops holding others back."""
    reason = describe(error)
    with kernel.database.command(scope.tenant.id, kernel.clock) as session:
        ctx = context(scope, session, "relay")
        delivery = ctx.get(Delivery, delivery_id)
        if delivery.state is not DeliveryState.PENDING:
            return True
        delivery.attempts += 1
        delivery.error = reason
        dead = delivery.attempts >= ATTEMPTS
        if dead:
            delivery.state = DeliveryState.DEAD
        else:
            wait = BACKOFF[min(delivery.attempts, len(BACKOFF)) - 1]
            delivery.next_at = ctx.now + timedelta(seconds=wait)
        EVENTS_DELIVERED.labels(delivery.consumer, "dead" if dead else "failed").inc()
        log.error(
            "delivery failed",
            consumer=delivery.consumer,
            event_id=str(delivery.event_id),
            attempt=delivery.attempts,
            dead=dead,
            error=reason,
            exc_info=None if isinstance(error, HuikuanError) else error,
        )
        return dead


def replay(ctx: Context, deliveries: Sequence[UUID]) -> int:
    """Deliver dead letters again, from their first attempt."""
    return ctx.execute(
        update(Delivery)
        .where(Delivery.id.in_(deliveries), Delivery.state == DeliveryState.DEAD)
        .values(state=DeliveryState.PENDING, attempts=0, next_at=ctx.now, error=None)
        .execution_options(synchronize_session=False)
    )
