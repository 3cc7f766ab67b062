"""Metrics of the kernel. Labels never hold a tenant id: their number must stay small."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "COMMANDS",
    "COMMAND_SECONDS",
    "COMPOSITIONS",
    "EVENTS_DELIVERED",
    "HOOK_SECONDS",
    "INVARIANT_CHECKS",
    "OUTBOX_LAG",
]

HOOK_SECONDS = Histogram(
    "huikuan_hook_seconds",
    "Time of one hook implementation",
    ("hook", "module"),
    buckets=(0.0005, 0.002, 0.01, 0.05, 0.2, 1.0, 2.0),
)
COMMANDS = Counter("huikuan_commands", "Commands by outcome", ("command", "outcome"))
COMMAND_SECONDS = Histogram(
    "huikuan_command_seconds", "Time of one command", ("command",), buckets=(0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
)
COMPOSITIONS = Gauge("huikuan_compositions", "Compositions held in memory")
INVARIANT_CHECKS = Counter("huikuan_invariant_checks", "Checks of invariants by outcome", ("invariant", "outcome"))
EVENTS_DELIVERED = Counter("huikuan_events_delivered", "Deliveries by outcome", ("consumer", "outcome"))
OUTBOX_LAG = Gauge("huikuan_outbox_lag_seconds", "Age of the oldest event that has no position yet")
