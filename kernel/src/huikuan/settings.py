"""Settings of a process: from ``HUIKUAN_*`` in the environment and from command-line flags, checked at once.

Every bad setting is one line that names it, shows what was given (never a secret) and says what to do.
"""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from huikuan.auth.key_files import KeySource, save_ring
from huikuan.auth.keys import KeyRing
from huikuan.errors import SetupError
from huikuan.setting_rules import FLAG, KEYS, NAME, ORIGINS, PATH, TOKEN, URL, Rule, choice, seconds, whole

__all__ = ["PREFIX", "Settings", "SettingsError"]

PREFIX = "HUIKUAN_"
DEFAULT_DATABASE = "sqlite:///huikuan.db"


class SettingsError(SetupError):
    """One or more settings are wrong; ``problems`` has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _setting(default: Any, rule: Rule, help: str) -> Any:
    return field(default=default, repr=not rule.secret, metadata={"rule": rule, "help": help})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be set from outside; the name of a variable is ``HUIKUAN_`` and the field's name."""

    database_url: str = _setting(DEFAULT_DATABASE, URL, "Database that serves requests")
    owner_database_url: str | None = _setting(None, URL, "Database as its owner, for migrations; PostgreSQL only")
    system_database_url: str | None = _setting(None, URL, "Database for work across tenants; PostgreSQL only")
    pool_size: int = _setting(10, whole(1, 200, 10), "Database connections per process")

    host: str = _setting("127.0.0.1", NAME, "Address to listen on")
    port: int = _setting(8000, whole(0, 65535, 8000), "Port to listen on; 0 takes a free one")
    workers: int = _setting(1, whole(1, 64, 2), "Server processes; more than one needs PostgreSQL")
    worker: bool | None = _setting(None, FLAG, "Deliver events and run jobs inside the server; default: on SQLite")
    trusted_proxies: str = _setting(
        "127.0.0.1,::1", NAME, "Addresses of proxies whose X-Forwarded-For is believed, or *"
    )
    allowed_origins: tuple[str, ...] = _setting((), ORIGINS, "Web origins that may call from a browser")

    body_limit: int = _setting(1_048_576, whole(1_024, 100_000_000, 1_048_576), "Largest request body in bytes")
    read_timeout: float = _setting(15.0, seconds(1, 300, 15), "A request must have arrived in full by then")
    request_timeout: float = _setting(30.0, seconds(1, 600, 30), "A request must have been answered by then")
    max_requests: int | None = _setting(
        None,
        whole(1, 10_000, 80),
        "Requests at one time, more are refused with 503; default: 8 per connection",
    )
    websockets: int = _setting(1_000, whole(0, 100_000, 1_000), "WebSockets at one time; 0 takes none")
    tenant_websockets: int = _setting(200, whole(1, 100_000, 200), "WebSockets of one tenant at one time")
    websocket_operations: int = _setting(50, whole(1, 1_000, 50), "Operations at one time on one WebSocket")
    events_interval: float = _setting(
        1.0, seconds(0.05, 60, 1), "How often the event feed is read for subscriptions, in seconds"
    )
    hook_timeout: float = _setting(2.0, seconds(0.2, 60, 2), "Longest time for a module's answer to a hook, in seconds")
    shutdown_timeout: float = _setting(10.0, seconds(0, 300, 10), "How long a stopping server finishes requests")
    ready_lag: float = _setting(300.0, seconds(1, 86_400, 300), "Age of an undelivered event that fails /readyz")

    keys: str | None = _setting(None, KEYS, "Signing keys: a file, a directory of PEM files, or the keys")
    issuer: str = _setting("huikuan", NAME, "Issuer of access tokens")
    audience: str = _setting("huikuan", NAME, "Audience of access tokens")
    external_issuers: str | None = _setting(None, PATH, "JSON file of OpenID Connect issuers to accept")

    graphiql: bool | None = _setting(None, FLAG, "Offer GraphiQL at GET /graphql; default: with debug")
    introspection: bool = _setting(False, FLAG, "Let callers without a token read the schema")
    graphql_depth: int = _setting(15, whole(2, 100, 15), "Deepest selection of a document")
    graphql_aliases: int = _setting(30, whole(1, 1_000, 30), "Most aliases in a document")
    graphql_tokens: int = _setting(4_000, whole(100, 100_000, 4_000), "Most tokens in a document")
    graphql_mutations: int = _setting(10, whole(1, 100, 10), "Most mutations in a request")
    graphql_cost: int = _setting(1_000_000, whole(1_000, 100_000_000, 1_000_000), "Most cells a request may ask for")

    metrics_token: str | None = _setting(None, TOKEN, "Bearer token for /metrics; without it only this machine")
    log_level: str = _setting("info", choice("debug", "info", "warning", "error"), "Least level that is logged")
    log_format: str = _setting("auto", choice("auto", "json", "console"), "auto: console on a terminal, else json")
    debug: bool = _setting(False, FLAG, "Show tracebacks and GraphiQL; never on a server others can reach")
    safe_mode: bool = _setting(False, FLAG, "Start without third-party modules")

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
        """Settings from the environment; ``overrides`` (flags, text or values; None is no flag) win."""
        environ = os.environ if environ is None else environ
        problems = _unknown(environ)
        values: dict[str, Any] = {}
        for item in fields(cls):
            given = (overrides or {}).get(item.name)
            if given is not None and not isinstance(given, str):
                values[item.name] = given
                continue
            source = f"--{item.name.replace('_', '-')}" if given is not None else PREFIX + item.name.upper()
            text = given if given is not None else environ.get(source)
            if text is not None and (text != "" or given is not None):
                _read(item, source, text, values, problems)
        if problems:
            raise SettingsError(problems)
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what fits each setting alone, but not together."""
        problems = []
        if self.sqlite and self.workers > 1:
            problems.append(f"HUIKUAN_WORKERS is {self.workers}, but SQLite has one writer: use 1, or PostgreSQL.")
        if self.sqlite and (self.owner_database_url or self.system_database_url):
            problems.append(
                "HUIKUAN_OWNER_DATABASE_URL and HUIKUAN_SYSTEM_DATABASE_URL are for PostgreSQL; "
                "unset them, or set HUIKUAN_DATABASE_URL to a PostgreSQL database too."
            )
        if problems:
            raise SettingsError(problems)

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def sqlite_file(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def migration_url(self) -> str:
        """The database as its owner."""
        return self.owner_database_url or self.database_url

    @property
    def key_location(self) -> str:
        """Where the signing keys are: as set, or for SQLite a file next to the database."""
        if self.keys is not None:
            return self.keys
        if not self.sqlite:
            raise SettingsError(
                [
                    "HUIKUAN_KEYS is not set: with PostgreSQL every server needs the same signing keys. "
                    "Make them with `huikuan keys generate FILE` and set HUIKUAN_KEYS=FILE."
                ]
            )
        return str(self.sqlite_file.with_name(f"{self.sqlite_file.name}.keys.json"))

    def key_source(self) -> KeySource:
        """The signing keys, which are read anew when their file changes; SQLite's own file is made at first use."""
        location = self.key_location
        if self.keys is None:
            _make_keys(Path(location), KeyRing.generate(issuer=self.issuer, audience=self.audience))
        return KeySource(location, issuer=self.issuer, audience=self.audience)

    @property
    def embedded_worker(self) -> bool:
        """Whether the server delivers events and runs jobs itself."""
        return self.sqlite if self.worker is None else self.worker

    @property
    def show_graphiql(self) -> bool:
        return self.debug if self.graphiql is None else self.graphiql

    @property
    def request_limit(self) -> int:
        """Requests that are worked on or wait, at one time."""
        return self.max_requests or 8 * self.pool_size

    def environment(self) -> dict[str, str]:
        """These settings as variables, for processes that this one starts."""
        found: dict[str, str] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value != item.default:
                found[PREFIX + item.name.upper()] = ",".join(value) if isinstance(value, tuple) else str(value)
        return found


def _make_keys(path: Path, ring: KeyRing) -> None:
    """Write the file unless it stands there; of two processes that start at once, the first one's keys stay."""
    if path.exists():
        return
    ready = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        save_ring(ring, ready)
        try:
            os.link(ready, path)
        finally:
            ready.unlink()
    except FileExistsError:
        return
    except OSError as error:
        raise SettingsError(
            [
                f"The signing keys can't be written to {path} ({error.strerror}): make that directory writable, "
                "or set HUIKUAN_KEYS to another file."
            ]
        ) from None


def _read(item: Field[Any], source: str, text: str, values: dict[str, Any], problems: list[str]) -> None:
    rule: Rule = item.metadata["rule"]
    try:
        values[item.name] = rule.read(text.strip() if not rule.secret else text)
    except ValueError:
        given = "can't be used" if rule.secret else f"is {text[:40]!r}"
        joint = " " if source.startswith("--") else "="
        problems.append(f"{source} {given}: it must be {rule.shape}, for example {source}{joint}{rule.example}")


def _unknown(environ: Mapping[str, str]) -> list[str]:
    """Names that are probably misspelt: set, not known, and close to a known one."""
    known = [PREFIX + item.name.upper() for item in fields(Settings)]
    problems = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if near:
                problems.append(f"{name} is no setting. Did you mean {near[0]}?")
    return problems
