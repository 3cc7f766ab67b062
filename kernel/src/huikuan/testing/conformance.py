"""The rules that every module keeps, as tests that it inherits.

One file in the module's ``tests/`` is enough::

    from huikuan.testing.conformance import ModuleConformance


    class TestAcmeDeposit(ModuleConformance):
        module = "acme_deposit"

A failure says which rule is broken, where, and how to mend it. Override ``fill`` so that disabling and
enabling are tried on rows too.
"""

from __future__ import annotations

from huikuan.testing.conformance_data import DataRules
from huikuan.testing.conformance_graphql import GraphqlRules
from huikuan.testing.conformance_hooks import HookRules
from huikuan.testing.conformance_imports import ImportRules
from huikuan.testing.conformance_manifest import ManifestRules
from huikuan.testing.conformance_partners import PartnerRules
from huikuan.testing.conformance_permissions import PermissionRules
from huikuan.testing.conformance_tables import TableRules
from huikuan.testing.conformance_wheel import WheelRules

__all__ = ["KernelConformance", "ModuleConformance"]


class KernelConformance(HookRules, GraphqlRules, PermissionRules, TableRules):
    """The rules that the kernel keeps too, as the module that it is."""

    module = "kernel"
    # Anybody may change the own password; who may decide a hold depends on its code, and the command asks.
    open_mutations = ("hold_recheck", "hold_reject", "hold_release", "password_change")


class ModuleConformance(
    ManifestRules,
    ImportRules,
    HookRules,
    PartnerRules,
    GraphqlRules,
    PermissionRules,
    TableRules,
    DataRules,
    WheelRules,
):
    """All rules; derive a test class from it and name the module."""
