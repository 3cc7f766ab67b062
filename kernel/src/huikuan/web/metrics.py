"""Metrics of the web server. Labels never hold a path that a stranger chose, nor a tenant."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "BUSY",
    "EVENTS_STREAMED",
    "REFUSED",
    "REQUESTS",
    "REQUEST_SECONDS",
    "SLOW",
    "SOCKETS",
    "SOCKETS_ENDED",
    "WAITING",
]

REQUESTS = Counter("huikuan_http_requests", "Requests by route and status", ("route", "status"))
REQUEST_SECONDS = Histogram(
    "huikuan_http_request_seconds", "Time of one request", ("route",), buckets=(0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 30.0)
)
BUSY = Gauge("huikuan_http_busy", "Requests that are being worked on", multiprocess_mode="livesum")
WAITING = Gauge("huikuan_http_waiting", "Requests that wait for a free worker thread", multiprocess_mode="livesum")
REFUSED = Counter("huikuan_http_refused", "Requests answered with 503 or 413", ("reason",))
SLOW = Counter("huikuan_http_slow_connections", "Connections closed because the client was too slow", ("phase",))
SOCKETS = Gauge("huikuan_websockets", "WebSocket connections that are open", multiprocess_mode="livesum")
SOCKETS_ENDED = Counter("huikuan_websockets_ended", "WebSocket connections that ended, by close code", ("code",))
EVENTS_STREAMED = Counter("huikuan_events_streamed", "Events sent to subscriptions")
