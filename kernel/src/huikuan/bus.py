"""The bus calls hook implementations one at a time, in a stable order, and says who failed.

pluggy holds the implementations and checks their names and arguments; the calls are ours,
because pluggy stops at the first exception and does not say whose it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import structlog

from huikuan.actor import TenantInfo
from huikuan.breaker import Breaker
from huikuan.codec import encode
from huikuan.core.errors import MODULE_PREPARING
from huikuan.db.errors import DatabaseError
from huikuan.errors import HookError, HuikuanError, Level, Refusal, SetupError, told_to_stop
from huikuan.retry import is_transient
from huikuan.shapes import misfit
from huikuan.telemetry import HOOK_SECONDS

if TYPE_CHECKING:
    from huikuan.composition import Composition

__all__ = ["Bus", "Caller", "Deadlines", "HookKind", "HookSpec", "Implementation"]

T = TypeVar("T")
log = structlog.get_logger("huikuan.bus")


class Caller(Protocol):
    """Who calls a hook: a Context, or an Outside where no transaction is open."""

    @property
    def where(self) -> str: ...
    @property
    def composition(self) -> Composition: ...
    @property
    def preparing(self) -> frozenset[str]: ...
    @property
    def tenant(self) -> TenantInfo: ...
    @property
    def now(self) -> datetime: ...
    def calling(self, module: str) -> AbstractContextManager[None]: ...
    def check_intact(self, module: str, hook: str) -> None: ...


class HookKind(Enum):
    """What an implementation may do; see docs/hooks.md."""

    VETO = "veto"
    CHANGE = "change"
    REACTION = "reaction"
    CONTRIBUTION = "contribution"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class HookSpec:
    """A declared extension point: its owner, kind, where it runs and its arguments."""

    name: str
    kind: HookKind
    owner: str
    owner_version: str
    where: str
    arguments: tuple[str, ...]
    function: Callable[..., Any]
    member: type | None = None
    """Of what class each value of a contribution is, where the declaration says so."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """One module's function behind a hook."""

    module: str
    version: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds after which a hook call is logged (soft) and refused (hard)."""

    soft: float = 0.2
    hard: float = 2.0


class Bus:
    """Calls the hooks of one composition."""

    def __init__(
        self,
        specs: Mapping[str, HookSpec],
        implementations: Mapping[str, tuple[Implementation, ...]],
        deadlines: Deadlines | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self.specs = dict(specs)
        self._implementations = dict(implementations)
        self._deadlines = deadlines or Deadlines()
        self._breaker = breaker or Breaker()

    def implementations(self, hook: str) -> tuple[Implementation, ...]:
        """Who answers a hook, in the order of the calls."""
        return self._implementations.get(hook, ())

    def veto(self, ctx: Caller, hook: str, arguments: Mapping[str, Any]) -> list[Refusal]:
        """Every implementation is asked; all reasons are returned, in order."""
        spec = self._spec(ctx, hook, HookKind.VETO)
        refusals: list[Refusal] = []
        for implementation in self.implementations(hook):
            if implementation.module in ctx.preparing:
                refusals.append(_preparing(implementation.module))
                continue
            answer = self._call(ctx, spec, implementation, arguments)
            for refusal in self._refusals(spec, implementation, answer):
                self._check_code(ctx, spec, implementation, refusal)
                refusals.append(refusal.stamped(module=implementation.module))
        return refusals

    def change(self, ctx: Caller, hook: str, draft: T, arguments: Mapping[str, Any]) -> T:
        """Each implementation may return an amended draft; the next one sees it."""
        spec = self._spec(ctx, hook, HookKind.CHANGE)
        name = spec.arguments[1]
        for implementation in self.implementations(hook):
            answer = self._call(ctx, spec, implementation, {**arguments, name: draft})
            if answer is None:
                continue
            if not isinstance(answer, type(draft)):
                raise self._failure(spec, implementation, f"returned {_kind(answer)}, not {_kind(draft)}")
            self._check_fields(spec, implementation, (answer,))
            draft = answer
        return draft

    def react(self, ctx: Caller, hook: str, arguments: Mapping[str, Any]) -> None:
        """Every implementation runs in the command's transaction; a failure rolls it back."""
        spec = self._spec(ctx, hook, HookKind.REACTION)
        for implementation in self.implementations(hook):
            answer = self._call(ctx, spec, implementation, arguments)
            if answer is not None:
                raise self._failure(spec, implementation, f"returned {_kind(answer)}; a reaction returns nothing")

    def collect(self, ctx: Caller, hook: str, arguments: Mapping[str, Any]) -> list[Any]:
        """The values of all implementations, flattened one level."""
        spec = self._spec(ctx, hook, HookKind.CONTRIBUTION)
        values: list[Any] = []
        for implementation in self.implementations(hook):
            answer = self._call(ctx, spec, implementation, arguments)
            if answer is None:
                continue
            found = answer if isinstance(answer, list | tuple | set | frozenset) else [answer]
            wrong = next((item for item in found if spec.member and not isinstance(item, spec.member)), None)
            if wrong is not None and spec.member is not None:
                raise self._failure(spec, implementation, f"returned {_kind(wrong)}, not {spec.member.__name__}")
            self._check_fields(spec, implementation, found)
            values.extend(found)
        return values

    def provide(self, ctx: Caller, hook: str, arguments: Mapping[str, Any]) -> Any | None:
        """The first value that is not None."""
        spec = self._spec(ctx, hook, HookKind.PROVIDER)
        for implementation in self.implementations(hook):
            answer = self._call(ctx, spec, implementation, arguments)
            if answer is not None:
                self._check_fields(spec, implementation, (answer,))
                return answer
        return None

    def call_one(self, ctx: Caller, hook: str, implementation: Implementation, arguments: Mapping[str, Any]) -> Any:
        """Call one implementation alone, guarded like all others, but for the time: reading a history takes its own."""
        return self._call(ctx, self.specs[hook], implementation, arguments, timed=False)

    def _spec(self, ctx: Caller, hook: str, kind: HookKind) -> HookSpec:
        spec = self.specs.get(hook)
        if spec is None:
            raise SetupError(f"hook {hook} is not declared by any enabled module")
        if spec.kind is not kind:
            raise SetupError(f"hook {hook} ({spec.owner}) is a {spec.kind.value}, not a {kind.value}")
        if spec.where != ctx.where:
            raise SetupError(f"hook {hook} ({spec.owner}) is called in the {spec.where}, not in the {ctx.where}")
        return spec

    def _call(
        self,
        ctx: Caller,
        spec: HookSpec,
        implementation: Implementation,
        arguments: Mapping[str, Any],
        *,
        timed: bool = True,
    ) -> Any:
        key, now = (ctx.tenant.id, implementation.module, spec.name), ctx.now
        left = self._breaker.seconds_left(key, now)
        if left > 0:
            raise self._failure(spec, implementation, f"it failed too often and is paused for {left:.0f} s more")
        try:
            answer = self._guarded(ctx, spec, implementation, arguments, timed=timed)
        except HookError as error:
            if (error.module, error.hook) == (implementation.module, spec.name):  # not one further in
                self._breaker.failed(key, now)
            raise
        self._breaker.succeeded(key)
        return answer

    def _guarded(
        self,
        ctx: Caller,
        spec: HookSpec,
        implementation: Implementation,
        arguments: Mapping[str, Any],
        *,
        timed: bool,
    ) -> Any:
        values = {"ctx": ctx, **arguments}
        started = time.perf_counter()
        try:
            with ctx.calling(implementation.module):
                answer = implementation.function(*(values[name] for name in implementation.arguments))
                if isinstance(answer, Iterator):
                    answer = tuple(answer)  # a generator runs here, where its errors have an author
        except BaseException as error:
            if told_to_stop(error):
                raise
            named = self._named(spec, implementation, error)
            if named is error:
                raise
            raise named from error
        seconds = time.perf_counter() - started
        HOOK_SECONDS.labels(spec.name, implementation.module).observe(seconds)
        ctx.check_intact(implementation.module, spec.name)
        if timed:
            self._check_time(spec, implementation, seconds)
        return answer

    def _named(self, spec: HookSpec, implementation: Implementation, error: BaseException) -> BaseException:
        """The error to raise: a crash names its author, an answer to the caller stays what it is."""
        if isinstance(error, HookError) or is_transient(error):
            return error
        if isinstance(error, DatabaseError | SetupError):
            return self._failure(spec, implementation, error.message)
        if isinstance(error, HuikuanError):
            for key, value in (
                ("module", implementation.module),
                ("version", implementation.version),
                ("hook", spec.name),
            ):
                error.data.setdefault(key, value)
            return error
        # What the exception says may hold SQL, paths or personal data: it goes to the log alone.
        log.error("hook failed", hook=spec.name, module=implementation.module, exc_info=error)
        return self._failure(spec, implementation, f"{_kind(error)}, see the log")

    def _check_time(self, spec: HookSpec, implementation: Implementation, seconds: float) -> None:
        if seconds <= self._deadlines.soft:
            return
        if seconds > self._deadlines.hard:
            raise self._failure(spec, implementation, f"took {seconds:.2f} s, the limit is {self._deadlines.hard:g} s")
        log.warning("slow hook", hook=spec.name, module=implementation.module, seconds=round(seconds, 3))

    def _check_fields(self, spec: HookSpec, implementation: Implementation, values: Iterable[object]) -> None:
        for value in values:
            if reason := misfit(value):
                raise self._failure(spec, implementation, f"returned a {_kind(value)} whose {reason}")

    def _check_code(self, ctx: Caller, spec: HookSpec, implementation: Implementation, refusal: Refusal) -> None:
        try:
            ctx.composition.check_code(refusal.code, implementation.module)
        except SetupError as error:
            raise self._failure(spec, implementation, error.message) from error

    def _refusals(self, spec: HookSpec, implementation: Implementation, answer: Any) -> Iterable[Refusal]:
        if answer is None:
            return ()
        found = answer if isinstance(answer, list | tuple | set | frozenset) else (answer,)
        wrong = next((item for item in found if not isinstance(item, Refusal)), None)
        if wrong is not None:
            raise self._failure(spec, implementation, f"returned {_kind(wrong)}, not Refusal")
        for refusal in found:
            if reason := _malformed(refusal):
                raise self._failure(spec, implementation, f"returned a Refusal {reason}")
        return found

    def _failure(self, spec: HookSpec, implementation: Implementation, reason: str) -> HookError:
        return HookError(module=implementation.module, version=implementation.version, hook=spec.name, reason=reason)


def _preparing(module: str) -> Refusal:
    return Refusal(
        MODULE_PREPARING,
        f"{module} was just enabled and reads the history first.",
        advice="Try again in a moment.",
    ).stamped(module=module)


def _malformed(refusal: Refusal) -> str | None:
    """What keeps a refusal from being stored and shown."""
    texts = (refusal.code, refusal.message, refusal.field or "", refusal.advice or "")
    if not all(isinstance(text, str) for text in texts) or not isinstance(refusal.level, Level):
        return "whose message, field, advice or level is of another kind"
    if not all(map(_storable, texts)):
        return "with a text that cannot be stored: it holds NUL or half a character"
    try:
        encode(refusal.data)
    except TypeError as error:
        return f"with data that has no stored form: {error}"
    return None


def _storable(text: str) -> bool:
    """Whether PostgreSQL and JSON take it: no NUL, no lone surrogate."""
    return "\x00" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))


def _kind(value: object) -> str:
    return type(value).__name__
