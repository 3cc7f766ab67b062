"""GraphiQL, from files of our own: no address of anybody else, so it works offline and under a strict policy."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

__all__ = ["files", "page", "wants_page"]

_STATIC = Path(__file__).parent / "static"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # its editor sets positions by style attributes
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)


def wants_page(request: Request) -> bool:
    """A person's browser, not a client that asks for data."""
    accepts = request.headers.get("accept", "")
    asks = any(name in request.query_params for name in ("query", "documentId", "extensions"))
    return request.method in ("GET", "HEAD") and "text/html" in accepts and not asks


def page() -> Response:
    """The page; its scripts and styles are beside it."""
    headers = {"content-security-policy": _POLICY, "cache-control": "no-cache", "vary": "accept"}
    return FileResponse(_STATIC / "graphiql.html", media_type="text/html", headers=headers)


def files() -> Mount:
    """The page's scripts and styles."""
    return Mount("/graphiql", StaticFiles(directory=_STATIC), name="graphiql")
