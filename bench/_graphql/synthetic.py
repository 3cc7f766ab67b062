"""Modules that nobody needs, written into a folder: enough of them for many sets of the same size."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint
from itertools import combinations
from pathlib import Path

from huikuan.catalog import ENTRY_POINTS, ModuleCatalog

__all__ = ["MODULES", "TAKEN", "catalog_of_synthetic", "sets"]

MODULES = 12
TAKEN = 9
"""Modules in one set: with the kernel's own that makes more than 150 object types, beside inputs and enums."""

_MANIFEST = """
from huikuan import Module
module = Module(
    name="synth{n}", title="Synthetic {n}", nouns=("depot{n}", "gate{n}"),
    permissions={{"synth{n}.read": "See them", "synth{n}.edit": "Change them"}},
    roles={{"admin": ("synth{n}.read", "synth{n}.edit")}},
)
"""
_MODELS = '''
from datetime import date
from decimal import Decimal
from enum import Enum
from uuid import UUID
from huikuan import Money
from huikuan.db import Mapped, TenantModel, mapped_column, money, quantity, state, tenant_fk, unique


class Depot{n}State(Enum):
    """Whether it is in use."""

    OPEN = "in use"
    CLOSED = "not in use any more"


class Depot{n}(TenantModel):
    """A place."""

    code: Mapped[str]
    name: Mapped[str]
    state: Mapped[Depot{n}State] = state(Depot{n}State)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    floor_space: Mapped[Decimal] = quantity()
    worth: Mapped[Money] = money()
    __table_args__ = (unique("code"),)


class Gate{n}(TenantModel):
    """A way in."""

    depot_id: Mapped[UUID] = tenant_fk("synth{n}_depot{n}")
    position: Mapped[int]
    name: Mapped[str]
    width: Mapped[Decimal] = quantity()
    heated: Mapped[bool] = mapped_column(default=False)
'''
_TYPES = '''
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from huikuan.core import types as kernel
from huikuan.graphql import batch, column, extend, node, output, to_many, to_one
from huikuan.money import Money
from huikuan_synth{n} import models
from huikuan_synth{n}.models import Depot{n}State


@output
@dataclass(frozen=True)
class Depot{n}Load:
    """How full it is."""

    percent: Annotated[Decimal, "Share of the space that is taken."]
    worth: Annotated[Money, "What lies there."]


@node(models.Depot{n}, keys=("code",), permission="synth{n}.read")
class Depot{n}:
    """A place where goods lie."""

    code: str = column("Its own key.")
    name: str = column("What it is called.")
    state: Depot{n}State = column("Whether it is in use.")
    opened_on: date = column("Since when.")
    closed_on: date | None = column("Until when.")
    floor_space: Decimal = column("In square metres.")
    worth: Money = column("What it is worth.")
    gates: list[Gate{n}] = to_many("depot_id", "Its gates.", order_by="position")

    @batch(requires=["id"])
    def load(ctx: Any, depots: Any) -> list[Depot{n}Load]:
        """How full it is now."""
        return []


@node(models.Gate{n}, permission="synth{n}.read")
class Gate{n}:
    """A way in and out of a depot."""

    depot: Depot{n} = to_one("depot_id", "Where it is.")
    position: int = column("1, 2, … around the depot.")
    name: str = column("What it is called.")
    width: Decimal = column("In metres.")
    heated: bool = column("Whether it is warm there.")


@extend(kernel.User)
class UserDepots{n}:
    """What a user has to do with depots."""

    @batch(requires=["id"], permission="synth{n}.read")
    def depots{n}(ctx: Any, users: Any) -> list[int]:
        """How many depots a user looks after."""
        return []
'''
_COMMANDS = '''
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from huikuan import UNSET, Context, Id, Money, Ref, Unset, command
from huikuan_synth{n}.models import Depot{n}, Depot{n}State, Gate{n}


@dataclass(frozen=True, kw_only=True)
class Depot{n}Input:
    """A new depot."""

    code: Annotated[str, "Its own key."]
    name: Annotated[str, "What it is called."]
    opened_on: Annotated[date, "Since when."]
    floor_space: Annotated[Decimal, "In square metres."]
    worth: Annotated[Money, "What it is worth."]


@dataclass(frozen=True, kw_only=True)
class Depot{n}Change:
    """What to change; what is left out stays."""

    name: Annotated[str | Unset, "What it is called."] = UNSET
    closed_on: Annotated[date | Unset | None, "Until when."] = UNSET


@command(permission="synth{n}.edit", idempotency="natural")
def depot{n}_create(ctx: Context, input: Depot{n}Input) -> Depot{n}:
    """Add a depot."""
    return ctx.add(Depot{n}(code=input.code))


@command(permission="synth{n}.edit", idempotency="natural")
def depot{n}_update(ctx: Context, id: Id[Depot{n}], input: Depot{n}Change) -> Depot{n}:
    """Change a depot."""
    return ctx.get(Depot{n}, id)


@command(permission="synth{n}.edit", idempotency="natural")
def depot{n}_close(ctx: Context, id: Id[Depot{n}], state: Depot{n}State) -> Depot{n}:
    """Take a depot out of use."""
    return ctx.get(Depot{n}, id)


@command(permission="synth{n}.edit", idempotency="natural")
def gate{n}_add(ctx: Context, depot: Ref[Depot{n}], name: str, width: Decimal) -> Gate{n}:
    """Add a gate to a depot."""
    return ctx.add(Gate{n}(depot_id=depot.id, name=name))


@command(permission="synth{n}.edit", idempotency="natural")
def gate{n}_rename(ctx: Context, id: Id[Gate{n}], name: str) -> Gate{n}:
    """Give a gate another name."""
    return ctx.get(Gate{n}, id)
'''
_FILES = {"__init__": _MANIFEST, "models": _MODELS, "types": _TYPES, "commands": _COMMANDS}


def catalog_of_synthetic(folder: Path) -> ModuleCatalog:
    """Write the modules into ``folder``, import them, and give their catalog. Their tables stay in the process."""
    names = [f"{place:02d}" for place in range(MODULES)]
    for name in names:
        package = folder / f"huikuan_synth{name}"
        package.mkdir()
        for file, template in _FILES.items():
            (package / f"{file}.py").write_text(template.format(n=name), encoding="utf-8")
    sys.path.insert(0, str(folder))
    points = {f"synth{name}": f"huikuan_synth{name}:module" for name in names}
    return ModuleCatalog.of((name, EntryPoint(name, value, ENTRY_POINTS)) for name, value in points.items())


def sets(names: Iterable[str]) -> list[frozenset[str]]:
    """All sets of ``TAKEN`` modules: 220, all of one size and no two alike."""
    return [frozenset(chosen) for chosen in combinations(sorted(names), TAKEN)]
