"""Rules about permissions: every mutation needs one, and without it nothing happens at all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from sqlalchemy import func, select

from huikuan.commands import Command
from huikuan.graphql import execute
from huikuan.graphql.naming import camel
from huikuan.ids import new_id
from huikuan.testing.conformance_arguments import sample_arguments
from huikuan.testing.conformance_subject import Rules, Subject, listed
from huikuan.testing.documents import mutation_document
from huikuan.testing.shop import Shop

__all__ = ["PermissionRules", "row_counts"]


class PermissionRules(Rules):
    """Who may do what is declared, and enforced before anything else."""

    open_mutations: ClassVar[Collection[str]] = ()
    """Commands that everybody who is signed in may send."""

    def test_every_mutation_has_a_permission(self, subject: Subject) -> None:
        faults = [it.name for it in mutations(subject) if it.permission is None and it.name not in self.open_mutations]
        assert not faults, f"mutations that anybody may send; give @command a permission:{listed(faults)}"

    def test_every_permission_is_declared(self, subject: Subject) -> None:
        needed = {item.permission for item in commands(subject)} | _of_reads(subject) | _of_releases(subject)
        unknown = {name for name in needed if name is not None} - subject.alone.permissions.keys()
        assert not unknown, f"permissions that no manifest declares:{listed(unknown)}"

    def test_every_declared_permission_guards_something(self, subject: Subject) -> None:
        texts = subject.texts()
        idle = subject.manifest.permissions.keys() - texts
        assert not idle, f"permissions that guard nothing:{listed(idle)}"

    def test_without_its_permission_a_mutation_is_forbidden_and_writes_nothing(
        self, subject: Subject, app_with: Callable[..., Shop]
    ) -> None:
        shop = app_with(*subject.closure, catalog=subject.catalog)
        before = row_counts(shop, subject)
        fields = subject.schema.mutation_type
        faults = []
        for command in mutations(subject):
            if command.permission is None or fields is None:
                continue
            other = subject.alone.permissions.keys() - {command.permission}
            name = camel(command.name)
            response = _send(shop.acting_with(*other), name, sample_arguments(fields.fields[name], command))
            if [error["extensions"]["code"] for error in response.get("errors") or ()] != ["FORBIDDEN"]:
                faults.append(f"{name} without {command.permission}: {response}")
        assert not faults, f"expected the error FORBIDDEN:{listed(faults)}"
        assert row_counts(shop, subject) == before, "a forbidden mutation wrote rows"


def commands(subject: Subject) -> list[Command[..., Any]]:
    """Commands of the module that tenants' users may run."""
    return [
        item for item, owner in subject.alone.commands.values() if owner == subject.name and item.surface == "tenant"
    ]


def mutations(subject: Subject) -> list[Command[..., Any]]:
    """Those of them that are mutations."""
    return [item for item in commands(subject) if item.exposed]


def row_counts(shop: Shop, subject: Subject) -> dict[str, int]:
    """How many rows the tenant has in each table of the module."""
    with shop.reading() as ctx:
        return {model.__tablename__: ctx.scalar(select(func.count(model.id))) or 0 for model in subject.models}


def _send(shop: Shop, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Send a mutation; unlike ``shop.mutate`` with arguments of any name."""
    scope = shop.scope
    document = mutation_document(scope.composition.schema.core, name, arguments)
    request = shop.kernel.request(scope)
    try:
        return dict(execute(request, document, {**arguments, "idempotencyKey": str(new_id())}))
    finally:
        request.close()


def _of_releases(subject: Subject) -> set[str | None]:
    """Permissions to release what was refused with the module's codes."""
    return {code.release for code, owner in subject.alone.codes.values() if owner == subject.name}


def _of_reads(subject: Subject) -> set[str | None]:
    """Permissions that types, fields and queries of the module need."""
    found: set[str | None] = set()
    for owner, declared in subject.alone.declarations:
        if owner == subject.name:
            for node in (node for node in declared.nodes if node.surface == "tenant"):
                found |= {node.permission, *(field.permission for field in node.fields.values())}
            for extension in (it for it in declared.extensions if it.surface == "tenant"):
                found |= {field.permission for field in extension.fields.values()}
            found |= {query.permission for query in declared.queries if query.surface == "tenant"}
    return found
