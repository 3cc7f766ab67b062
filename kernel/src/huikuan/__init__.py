"""Huikuan: order to cash on a microkernel. These are the names that modules are written with.

Importing this package loads nothing heavy: a name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.actor import Actor, TenantInfo
    from huikuan.commands import command
    from huikuan.context import Context
    from huikuan.demo_step import DemoRun, DemoStep
    from huikuan.errors import BadInput, Forbidden, Level, NotFound, Refusal, RefusalCode
    from huikuan.events import Event, deliver, subscribe
    from huikuan.hooks import change, contribution, hookimpl, provider, reaction, veto
    from huikuan.ids import new_id
    from huikuan.invariants import Invariant
    from huikuan.jobs import enqueue, job
    from huikuan.manifest import Module, Setting
    from huikuan.money import Money
    from huikuan.values import UNSET, Id, Ref, Unset

__all__ = [
    "UNSET",
    "Actor",
    "BadInput",
    "Context",
    "DemoRun",
    "DemoStep",
    "Event",
    "Forbidden",
    "Id",
    "Invariant",
    "Level",
    "Module",
    "Money",
    "NotFound",
    "Ref",
    "Refusal",
    "RefusalCode",
    "Setting",
    "TenantInfo",
    "Unset",
    "change",
    "command",
    "contribution",
    "deliver",
    "enqueue",
    "hookimpl",
    "job",
    "new_id",
    "provider",
    "reaction",
    "subscribe",
    "veto",
]

_HOME = {
    "actor": ("Actor", "TenantInfo"),
    "commands": ("command",),
    "context": ("Context",),
    "demo_step": ("DemoRun", "DemoStep"),
    "errors": ("BadInput", "Forbidden", "Level", "NotFound", "Refusal", "RefusalCode"),
    "events": ("Event", "deliver", "subscribe"),
    "hooks": ("change", "contribution", "hookimpl", "provider", "reaction", "veto"),
    "ids": ("new_id",),
    "invariants": ("Invariant",),
    "jobs": ("enqueue", "job"),
    "manifest": ("Module", "Setting"),
    "money": ("Money",),
    "values": ("UNSET", "Id", "Ref", "Unset"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'huikuan' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"huikuan.{module}"), name)
    globals()[name] = value
    return value
