"""What operators and other machines ask: alive, ready, metrics, public keys."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import os
import time
from collections.abc import Callable

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import func, literal, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from huikuan.core.models import OutboxEvent
from huikuan.core.platform import PLATFORM
from huikuan.db.migrate import require_current
from huikuan.errors import HuikuanError
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from huikuan.version import __version__

__all__ = ["Probes"]

log = structlog.get_logger("huikuan.web.probes")
READY_KNOWN_FOR = 0.5
SCHEMA_KNOWN_FOR = 30.0


class NotReady(Exception):
    """Why a check failed, in words that may leave the machine."""


class Probes:
    """Handlers of the paths beside ``/graphql``."""

    def __init__(self, kernel: Kernel, settings: Settings) -> None:
        self._kernel = kernel
        self._settings = settings
        self._one_at_a_time = asyncio.Lock()
        self._known: tuple[float, dict[str, str]] = (float("-inf"), {})
        self._schema_seen: float | None = None

    async def healthz(self, _request: Request) -> Response:
        """The process answers; asks nothing else, so that a database that is down restarts no server."""
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    async def readyz(self, _request: Request) -> Response:
        """Whether requests should be sent here; 503 names the check that failed."""
        async with self._one_at_a_time:  # anybody may ask, so many who ask cost no more than one
            if time.monotonic() - self._known[0] > READY_KNOWN_FOR:
                checks = await run_in_threadpool(self.checks)
                self._known = time.monotonic(), checks
            checks = self._known[1]
        ready = all(said == "ok" for said in checks.values())
        body = {"status": "ready" if ready else "not ready", "version": __version__, "checks": checks}
        return JSONResponse(body, 200 if ready else 503, headers={"cache-control": "no-store"})

    def checks(self) -> dict[str, str]:
        """Each check with ``ok`` or what is wrong; the later ones need the earlier."""
        found: dict[str, str] = {}
        checks = {"database": self._database, "migrations": self._migrations, "outbox": self._outbox}
        for name, check in checks.items():
            found[name] = _said(name, check)
            if found[name] != "ok":
                break
        return found

    def _database(self) -> None:
        with self._kernel.database.read(PLATFORM.id, self._kernel.clock) as session:
            session.scalar(select(literal(1)))

    def _migrations(self) -> None:
        """Seldom anew: it reads every migration file, and tables change at upgrades only."""
        now = time.monotonic()
        if self._schema_seen is None or now - self._schema_seen > SCHEMA_KNOWN_FOR:
            require_current(self._kernel.database.engine, self._kernel.migration_sources())
            self._schema_seen = now

    def _outbox(self) -> None:
        with self._kernel.database.system(self._kernel.clock) as session:
            oldest = session.scalar(select(func.min(OutboxEvent.at)).where(OutboxEvent.position.is_(None)))
        if oldest is None:
            return
        lag = (self._kernel.clock.now() - oldest).total_seconds()
        if lag > self._settings.ready_lag:
            raise NotReady(f"The oldest undelivered event is {lag:.0f} s old; does `huikuan worker` run?")

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format; for a bearer of the token, or without a token for this machine alone."""
        if not self._may_read_metrics(request):
            return PlainTextResponse("Not for you.\n", 403)
        body = await run_in_threadpool(_measured)
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    def _may_read_metrics(self, request: Request) -> bool:
        token = self._settings.metrics_token
        if token is not None:
            given = request.headers.get("authorization", "").encode()
            return hmac.compare_digest(given, f"Bearer {token}".encode())
        try:
            return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
        except ValueError:
            return False

    async def jwks(self, _request: Request) -> Response:
        """The public keys that verify our tokens."""
        body = self._kernel.services.keys.jwks()
        return JSONResponse(body, headers={"cache-control": "public, max-age=300"})


def _measured() -> bytes:
    """The metrics of this process, or of all that serve together."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _said(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as problem:
        return str(problem)
    except HuikuanError as problem:
        log.warning("not ready", check=name, error=problem.message)
        return problem.message
    except Exception as problem:
        log.warning("not ready", check=name, error=f"{type(problem).__name__}: {problem}"[:500])
        return "failed; the log says why"
    return "ok"
