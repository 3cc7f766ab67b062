"""Build: what one composition's schema is made of, looked up while it is built and while it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from huikuan.commands import Command, Surface
from huikuan.errors import RefusalCode, SetupError
from huikuan.graphql.decls import Declarations, ExtensionDecl, NodeDecl, OutputDecl, QueryDecl, SubscriptionDecl
from huikuan.graphql.fielddecls import BatchDecl, FieldDecl
from huikuan.graphql.strawberry_types import text_enum
from huikuan.graphql.typespec import NODE_MARK, TypeSpec

__all__ = ["Build", "SchemaParts"]

F = TypeVar("F", bound=FieldDecl)
Q = TypeVar("Q", bound=QueryDecl)


@dataclass(frozen=True)
class SchemaParts:
    """What a composition gives to its schema."""

    surface: Surface
    declarations: Sequence[tuple[str, Declarations]]
    commands: Sequence[tuple[Command[..., Any], str]]
    refusal_codes: Sequence[RefusalCode]
    event_types: Sequence[str]
    nouns: Mapping[str, Sequence[str]]
    versions: Mapping[str, str] = field(default_factory=dict)


class Build:
    """The nodes, contributed fields, queries and commands of one composition."""

    def __init__(self, parts: SchemaParts) -> None:
        self.parts = parts
        self.versions = parts.versions
        self.nodes: dict[str, NodeDecl] = {}
        self.by_model: dict[type[Any], NodeDecl] = {}
        self.by_model_name: dict[str, NodeDecl] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._fields: dict[str, dict[str, FieldDecl]] = {}
        self._added: dict[OutputDecl, dict[str, BatchDecl]] = {}
        for module, declarations in parts.declarations:
            for decl in declarations.nodes:
                if decl.surface == parts.surface:
                    self._add_node(module, decl)
        for module, declarations in parts.declarations:
            for extension in declarations.extensions:
                if extension.surface == parts.surface:
                    self._extend(module, extension)
        self.queries: tuple[QueryDecl, ...] = tuple(self._roots("query", lambda found: found.queries))
        self.subscriptions: tuple[SubscriptionDecl, ...] = tuple(
            self._roots("subscription", lambda found: found.subscriptions)
        )
        self.commands = parts.commands
        self.named = {
            "RefusalCode": text_enum(
                "RefusalCode",
                sorted((code.code, code.description) for code in parts.refusal_codes) or [("NONE", "No code.")],
                "Why a command says no. Each code is stable; the enabled modules say which there are.",
            ),
            "EventType": text_enum(
                "EventType",
                [(name, f"{name.replace('_', ' ').capitalize()}.") for name in parts.event_types]
                or [("NONE", "None.")],
                "What can stand in the event feed of the enabled modules.",
            ),
        }

    # --- filling -----------------------------------------------------------------------------

    def claim(self, kind: str, name: str, module: str) -> None:
        """A name belongs to one module; a clash names both."""
        other = self._owners.setdefault((kind, name), module)
        if other != module:
            raise SetupError(f"{kind} {name} is declared by {other} and by {module}; rename one of the two")

    def _add_node(self, module: str, decl: NodeDecl) -> None:
        if decl.name in self.nodes:
            other = self._owners["type", decl.name]
            raise SetupError(f"type {decl.name} is declared by {other} and by {module}; rename one of the two")
        self.claim("type", decl.name, module)
        if decl.root:
            self.claim("root field", decl.noun, module)
            self.claim("root field", decl.plural, module)
        for name in decl.fields:
            self.claim(f"field of {decl.name}", name, module)
        self.nodes[decl.name] = decl
        self.by_model.setdefault(decl.model, decl)
        self.by_model_name.setdefault(decl.model.__name__, decl)
        self._fields[decl.name] = dict(decl.fields)

    def _extend(self, module: str, extension: ExtensionDecl) -> None:
        target = extension.target
        if not self._has(target):
            raise SetupError(
                f"{module} extends {target.name}, which no enabled module declares; "
                f"put the extension into bridges/{target.module}.py"
            )
        if isinstance(target, OutputDecl):
            for item in target.fields:
                self.claim(f"field of {target.name}", item.name, target.module)
            own = {item.name for item in target.fields}
            self._contribute(module, target.name, own, self._added.setdefault(target, {}), extension.batches)
        else:
            self._contribute(module, target.name, (), self._fields[target.name], extension.fields)

    def _has(self, target: NodeDecl | OutputDecl) -> bool:
        if isinstance(target, NodeDecl):
            return self.nodes.get(target.name) is target
        # An output may stand in any file of its module, also in one that is not searched for declarations.
        return any(module == target.module or target in found.outputs for module, found in self.parts.declarations)

    def _contribute(
        self, module: str, target: str, own: Collection[str], there: dict[str, F], fields: Mapping[str, F]
    ) -> None:
        for name, decl in fields.items():
            if name in own or name in there:
                other = self._owners[f"field of {target}", name]
                raise SetupError(f"field {target}.{name} is declared by {other} and by {module}; rename one")
            self.claim(f"field of {target}", name, module)
            there[name] = decl

    def _roots(self, kind: str, declared: Callable[[Declarations], Sequence[Q]]) -> list[Q]:
        found: list[Q] = []
        for module, declarations in self.parts.declarations:
            for decl in declared(declarations):
                if decl.surface == self.parts.surface:
                    self.claim("root field" if kind == "query" else kind, decl.name, module)
                    if any(other.name == decl.name for other in found):
                        raise SetupError(f"{module} declares the {kind} {decl.name} twice")
                    found.append(decl)
        return found

    # --- looking up --------------------------------------------------------------------------

    def fields(self, decl: NodeDecl) -> Mapping[str, FieldDecl]:
        """Own and contributed fields of a node."""
        return self._fields[decl.name]

    def added(self, decl: OutputDecl) -> Mapping[str, BatchDecl]:
        """The fields that modules contribute to an output."""
        return self._added.get(decl, {})

    def node(self, spec: TypeSpec, where: str) -> NodeDecl:
        """The node that a reference means."""
        found = self.find_node(spec)
        if found is None:
            name = spec.name or getattr(spec.python, "__name__", "?")
            raise SetupError(
                f"{where}: {name} is no type of this composition; map it with @node, "
                "and refer only to types of modules that are required"
            )
        return found

    def find_node(self, spec: TypeSpec) -> NodeDecl | None:
        """As ``node``, or None."""
        if spec.python is None:
            return self.nodes.get(spec.name) or self.nodes.get(spec.name.removesuffix("Type"))
        decl = vars(spec.python).get(NODE_MARK)
        if isinstance(decl, NodeDecl):
            return decl if self.nodes.get(decl.name) is decl else None
        return self.by_model.get(spec.python)
