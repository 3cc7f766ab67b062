"""What modularity costs: hook calls, compositions, enabling a module, tenants held in memory."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.__main__ import Options
from bench.machine import resident_mb
from huikuan.auth.keys import KeyRing
from huikuan.bus import Bus, HookKind, HookSpec, Implementation
from huikuan.catalog import ModuleCatalog
from huikuan.composition import compose
from huikuan.context import Context
from huikuan.db import Database
from huikuan.db.migrate import upgrade
from huikuan.kernel import Kernel

BARS = {
    "call_us": "<= 10 µs for one implementation",
    "compose_250_types_ms": "<= 150 ms",
    "enable_module_ms": "<= 100 ms",
    "new_tenant_ms": "<= 250 ms",
    "rss_1000_tenants_mb": "<= 50 MB",
}
IMPLEMENTATIONS = 8


def run(options: Options) -> dict[str, float]:
    """Everything in one process; SQLite unless a database is given."""
    catalog = ModuleCatalog.discover()
    rows = _compose(catalog, 2 if options.quick else 5)
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        kernel = Kernel(Database(url), catalog, KeyRing.generate())
        upgrade(url, kernel.migration_sources())
        try:
            _create(kernel, "calls", [])
            with kernel.reading(kernel.scope("calls")) as ctx:
                rows["call_us"] = _call_us(ctx, 2_000 if options.quick else 50_000)
            rows |= _tenants(kernel, 20 if options.quick else 1_000)
            rows["enable_module_ms"] = _enable_ms(kernel, 3 if options.quick else 15)
        finally:
            kernel.close()
    return rows


def _call_us(ctx: Context, rounds: int) -> float:
    """One call of a veto hook with a real context, per implementation: median of 7 batches."""

    def implementation(ctx: Context, order: object) -> None:
        return None

    spec = HookSpec("bench_before", HookKind.VETO, "kernel", "0", "transaction", ("ctx", "order"), implementation)
    found = tuple(
        Implementation("kernel", str(number), implementation, ("ctx", "order")) for number in range(IMPLEMENTATIONS)
    )
    bus = Bus({"bench_before": spec}, {"bench_before": found})
    batches = []
    for _ in range(7):
        started = time.perf_counter()
        for _ in range(rounds // 7):
            bus.veto(ctx, "bench_before", {"order": None})
        batches.append((time.perf_counter() - started) / (rounds // 7) / IMPLEMENTATIONS)
    return statistics.median(batches) * 1e6


def _compose(catalog: ModuleCatalog, times: int) -> dict[str, float]:
    """All installed modules; and per 250 types of their schema, since there are more with every module."""
    types = len(compose(catalog, catalog.names).schema.core.type_map)
    taken = _median_ms(lambda: compose(catalog, catalog.names).schema, times)
    return {"compose_ms": taken, "compose_types": types, "compose_250_types_ms": taken / types * 250}


def _tenants(kernel: Kernel, count: int) -> dict[str, float]:
    """Create tenants with all modules, then hold the scope of each: memory beyond the first ten."""
    modules = sorted(kernel.catalog.names)
    times = []
    for number in range(count):
        started = time.perf_counter()
        _create(kernel, f"tenant-{number}", modules)
        times.append(time.perf_counter() - started)
    for number in range(10):
        kernel.scope(f"tenant-{number}")
    gc.collect()
    before = resident_mb()
    for number in range(count):
        kernel.scope(f"tenant-{number}")
    gc.collect()
    return {
        "new_tenant_ms": statistics.median(times) * 1e3,
        "rss_1000_tenants_mb": max(0.0, resident_mb() - before) * 1_000 / count,
    }


def _enable_ms(kernel: Kernel, times: int) -> float:
    """Enable a leaf module for a tenant, and let the next request see it."""
    leaf = [module.name for module in kernel.catalog][-1]
    taken = []
    for number in range(times):
        slug = f"enable-{number}"
        _create(kernel, slug, [])
        started = time.perf_counter()
        kernel.run(kernel.scope(slug), "module_enable", {"module": leaf})
        assert leaf in kernel.scope(slug).composition.names
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e3


def _create(kernel: Kernel, slug: str, modules: list[str]) -> None:
    result = kernel.run(
        kernel.control_scope(), "tenant_create", {"slug": slug, "name": slug, "currency": "EUR", "modules": modules}
    )
    assert result.done, result.refusals


def _median_ms(action: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e3
