"""The bus calls hook implementations one at a time, in a stable order, and says who failed.

pluggy holds the implementations and checks their names and arguments; the calls are ours,
because pluggy stops at the first exception and does not say whose it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from huikuan.errors import HookError, HuikuanError, Refusal, SetupError
from huikuan.telemetry import HOOK_SECONDS

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["Bus", "HookKind", "HookSpec", "Implementation"]

T = TypeVar("T")
log = structlog.get_logger("huikuan.bus")


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
    ) -> None:
        self.specs = dict(specs)
        self._implementations = dict(implementations)
        self._deadlines = deadlines or Deadlines()

    def implementations(self, hook: str) -> tuple[Implementation, ...]:
        """Who answers a hook, in the order of the calls."""
        return self._implementations.get(hook, ())

    def veto(self, ctx: Context, hook: str, arguments: Mapping[str, Any]) -> list[Refusal]:
        """Every implementation is asked; all reasons are returned, in order."""
        refusals: list[Refusal] = []
        for implementation, answer in self._calls(ctx, hook, HookKind.VETO, arguments):
            for refusal in self._refusals(hook, implementation, answer):
                ctx.composition.check_code(refusal.code, implementation.module)
                refusals.append(refusal.stamped(module=implementation.module))
        return refusals

    def change(self, ctx: Context, hook: str, draft: T, arguments: Mapping[str, Any]) -> T:
        """Each implementation may return an amended draft; the next one sees it."""
        spec = self._spec(hook, HookKind.CHANGE)
        name = spec.arguments[1]
        for implementation in self.implementations(hook):
            answer = self._call(ctx, spec, implementation, {**arguments, name: draft})
            if answer is None:
                continue
            if not isinstance(answer, type(draft)):
                raise self._failure(spec, implementation, f"returned {_kind(answer)}, not {_kind(draft)}")
            draft = answer
        return draft

    def react(self, ctx: Context, hook: str, arguments: Mapping[str, Any]) -> None:
        """Every implementation runs in the command's transaction; a failure rolls it back."""
        for _ in self._calls(ctx, hook, HookKind.REACTION, arguments):
            pass

    def collect(self, ctx: Context, hook: str, arguments: Mapping[str, Any]) -> list[Any]:
        """The values of all implementations, flattened one level."""
        values: list[Any] = []
        for _, answer in self._calls(ctx, hook, HookKind.CONTRIBUTION, arguments):
            if answer is None:
                continue
            values.extend(answer if isinstance(answer, list | tuple) else [answer])
        return values

    def provide(self, ctx: Context, hook: str, arguments: Mapping[str, Any]) -> Any | None:
        """The first value that is not None."""
        for _, answer in self._calls(ctx, hook, HookKind.PROVIDER, arguments):
            if answer is not None:
                return answer
        return None

    def call_one(
        self, ctx: Context, hook: str, implementation: Implementation, arguments: Mapping[str, Any]
    ) -> Any:
        """Call one implementation alone, guarded like all others."""
        return self._call(ctx, self.specs[hook], implementation, arguments)

    def _calls(
        self, ctx: Context, hook: str, kind: HookKind, arguments: Mapping[str, Any]
    ) -> Iterator[tuple[Implementation, Any]]:
        spec = self._spec(hook, kind)
        for implementation in self.implementations(hook):
            yield implementation, self._call(ctx, spec, implementation, arguments)

    def _spec(self, hook: str, kind: HookKind) -> HookSpec:
        spec = self.specs.get(hook)
        if spec is None:
            raise SetupError(f"hook {hook} is not declared by any enabled module")
        if spec.kind is not kind:
            raise SetupError(f"hook {hook} ({spec.owner}) is a {spec.kind.value}, not a {kind.value}")
        return spec

    def _call(self, ctx: Context, spec: HookSpec, implementation: Implementation, arguments: Mapping[str, Any]) -> Any:
        values = {"ctx": ctx, **arguments}
        started = time.perf_counter()
        try:
            with ctx.calling(implementation.module):
                answer = implementation.function(*(values[name] for name in implementation.arguments))
        except HuikuanError as error:
            error.data.setdefault("module", implementation.module)
            error.data.setdefault("hook", spec.name)
            raise
        except (Exception, SystemExit) as error:
            raise self._failure(spec, implementation, f"{type(error).__name__}: {error}") from error
        self._check_time(spec, implementation, time.perf_counter() - started)
        ctx.check_intact(implementation.module, spec.name)
        return answer

    def _check_time(self, spec: HookSpec, implementation: Implementation, seconds: float) -> None:
        HOOK_SECONDS.labels(spec.name, implementation.module).observe(seconds)
        if seconds <= self._deadlines.soft:
            return
        if seconds > self._deadlines.hard:
            raise self._failure(spec, implementation, f"took {seconds:.2f} s, the limit is {self._deadlines.hard:g} s")
        log.warning("slow hook", hook=spec.name, module=implementation.module, seconds=round(seconds, 3))

    def _refusals(self, hook: str, implementation: Implementation, answer: Any) -> Iterable[Refusal]:
        if answer is None:
            return ()
        if isinstance(answer, Refusal):
            return (answer,)
        found = list(answer) if isinstance(answer, Iterable) else [answer]
        wrong = next((item for item in found if not isinstance(item, Refusal)), None)
        if wrong is not None:
            raise self._failure(self.specs[hook], implementation, f"returned {_kind(wrong)}, not Refusal")
        return found

    def _failure(self, spec: HookSpec, implementation: Implementation, reason: str) -> HookError:
        return HookError(module=implementation.module, version=implementation.version, hook=spec.name, reason=reason)


def _kind(value: object) -> str:
    return type(value).__name__
