"""What a module contributes to ``huikuan demo``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select

from huikuan.actor import Actor, ActorKind
from huikuan.context import session_of
from huikuan.core.models import User
from huikuan.core.rights import ADMIN, user_permissions
from huikuan.ids import new_id

if TYPE_CHECKING:
    from huikuan.kernel import Kernel
    from huikuan.runner import CommandResult, Scope

__all__ = ["DemoRun", "DemoStep", "added"]

SATURDAY = 5
Figures = dict[str, Any]


@dataclass
class DemoRun:
    """What a step works with: the kernel, the tenant's scope, the days, and a way to tell how far it is."""

    kernel: Kernel
    scope: Scope
    first_day: date
    last_day: date
    tell: Callable[[str], None] = field(repr=False)

    @property
    def days(self) -> list[date]:
        """The working days from the first to the last."""
        all_days = (self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1))
        return [day for day in all_days if day.weekday() < SATURDAY]

    def command(self, name: str, /, **arguments: Any) -> CommandResult:
        """Run a command as any client would."""
        system = self.scope.actor.kind is ActorKind.SYSTEM
        return self.kernel.run(self.scope, name, arguments, key=None if system else str(new_id()))

    def settings(self, values: Mapping[str, str]) -> None:
        """Set settings of the tenant; they hold from the next command on."""
        for key, value in values.items():
            self.command("setting_set", key=key, value=value)
        self.scope = self.kernel.scope(self.scope.tenant.slug, actor=self.scope.actor, request_id="demo")

    def colleague(self, name: str) -> DemoRun:
        """The same, as another person with every right: nobody approves what they asked for themselves."""
        email = f"{name}@{self.scope.tenant.slug}.example"
        with self.kernel.reading(self.scope) as ctx:
            known = ctx.scalars(select(User.id).where(User.email == email))
        if not known:
            password = f"{uuid4()}"  # nobody signs in as this person
            self.command("user_create", email=email, name=name.title(), roles=[ADMIN], password=password)
        with self.kernel.reading(self.scope) as ctx:
            user_id = ctx.scalars(select(User.id).where(User.email == email))[0]
            rights = user_permissions(session_of(ctx), user_id)
        actor = Actor(ActorKind.USER, user_id, email, rights)
        scope = self.kernel.scope(self.scope.tenant.slug, actor=actor, request_id="demo")
        return DemoRun(self.kernel, scope, self.first_day, self.last_day, self.tell)


@dataclass(frozen=True)
class DemoStep:
    """One act of the demo.

    ``run`` prepares it, once, before the first day; ``each_day`` plays it on every working day. Both return
    figures; those of the days are added up. ``finish`` tells figures that stand at the end. ``queries`` are
    called last and return examples to try, each a title and a document that runs as it stands.
    """

    rank: int
    title: str
    run: Callable[[DemoRun], Figures] | None = None
    each_day: Callable[[DemoRun, date], Figures] | None = None
    finish: Callable[[DemoRun], Figures] | None = None
    queries: Callable[[DemoRun], Sequence[tuple[str, str]]] | None = None


def added(figures: Iterable[Figures]) -> Figures:
    """Figures added up: numbers by name, and numbers within numbers."""
    total: Figures = {}
    for one in figures:
        for name, value in one.items():
            known = total.get(name)
            if known is None:
                total[name] = dict(value) if isinstance(value, dict) else value
            elif isinstance(value, dict):
                total[name] = added([known, value])
            else:
                total[name] = known + value
    return total
