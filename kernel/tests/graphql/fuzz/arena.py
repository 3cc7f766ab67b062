"""The arena: a database with a tenant for each data set, and documents run on both sides."""

from __future__ import annotations

from typing import Any

from huikuan.actor import Actor, ActorKind
from huikuan.auth.keys import KeyRing
from huikuan.catalog import InstalledModule, ModuleCatalog
from huikuan.db import Base, Database
from huikuan.graphql import Limits, execute
from huikuan.ids import new_id
from huikuan.manifest import Module
from huikuan.runner import Scope
from huikuan.testing.shop import make_shop
from kernel.tests.graphql.fuzz.answers import answer_of, differences, reference_answer
from kernel.tests.graphql.fuzz.cases import ACTORS, PERMISSIONS, Case, Outcome, cases_of
from kernel.tests.graphql.fuzz.depot import commands, errors, graphql
from kernel.tests.graphql.fuzz.depot import models as depot_models
from kernel.tests.graphql.fuzz.depot import types as depot_types
from kernel.tests.graphql.fuzz.menu import Menu
from kernel.tests.graphql.fuzz.reference import Session, reference_schema, run_reference
from kernel.tests.graphql.fuzz.survey import models as survey_models
from kernel.tests.graphql.fuzz.survey import types as survey_types
from kernel.tests.graphql.fuzz.table import all_resolvers
from kernel.tests.graphql.fuzz.worlds import make_world, store

LIMITS = Limits(
    tokens=1_000_000,
    depth=1_000,
    aliases=100_000,
    directives=100_000,
    root_fields=10_000,
    mutations=100,
    cost=10**18,
    comparisons=10**9,
    source=10**7,
)
"""What documents are refused for is tested elsewhere."""


def _module(name: str, requires: tuple[str, ...], nouns: tuple[str, ...], parts: dict[str, Any]) -> InstalledModule:
    own = {item: item for item in PERMISSIONS if item.startswith(f"{name}.")}
    manifest = Module(name=name, title=name.title(), requires=requires, nouns=nouns, permissions=own)
    return InstalledModule(manifest, "1.0.0", f"kernel.tests.graphql.fuzz.{name}", parts)


DEPOT = {"errors": errors, "models": depot_models, "commands": commands, "types": depot_types, "graphql": graphql}
SURVEY = {"models": survey_models, "types": survey_types}
CATALOG = ModuleCatalog(
    [_module("depot", (), ("shelf", "room"), DEPOT), _module("survey", ("depot",), ("visit",), SURVEY)]
)


class Arena:
    """One database with its data sets; ``seed`` says which ones."""

    def __init__(self, database: Database, keys: KeyRing, seed: int, count: int) -> None:
        tables = [table for table in Base.metadata.tables.values() if table.name.startswith("kernel_")]
        Base.metadata.create_all(database.engine, tables=tables)
        depot_models.FuzzModel.metadata.create_all(database.engine)
        self.seed = seed
        self.database = database
        self.shop = make_shop(database, CATALOG, ("depot", "survey"), keys=keys, slug="fuzz")
        self.worlds = [make_world(seed, number) for number in range(count)]
        tenants = [self.shop.other_tenant("depot", "survey", slug=f"fuzz-{number}") for number in range(count)]
        with database.system() as session:
            for tenant, world in zip(tenants, self.worlds, strict=True):
                store(session.connection(), tenant.scope.tenant.id, world)
        self.scopes: list[dict[str, Scope]] = [
            {name: self._scope(tenant.tenant, rights) for name, rights in ACTORS.items()} for tenant in tenants
        ]
        schema = self.scopes[0]["all"].composition.schema
        self.core = schema.core
        self.menu = Menu(self.core)
        self.decls = schema.build.nodes
        self.version = schema.build.versions.get("kernel", "?")
        self.reference = reference_schema(self.core, all_resolvers())

    def _scope(self, tenant: str, rights: frozenset[str]) -> Scope:
        actor = Actor(ActorKind.USER, new_id(), "somebody", rights)
        return self.shop.kernel.scope(tenant, actor=actor, request_id="fuzz")

    def cases(self, source: bytes) -> list[Case]:
        """The cases that these bytes stand for."""
        return cases_of(source, self.core, self.menu, self.worlds, self.decls)

    def run(self, case: Case) -> Outcome:
        """Run it on both sides; afterwards the data is what it was."""
        response = self._ours(case)
        codes = [error["extensions"]["code"] for error in response.get("errors", ())]
        if "data" not in response and any(code.startswith("GRAPHQL_") for code in codes):
            return Outcome(response, response, valid=False)
        session = Session(
            self.worlds[case.world].copy() if case.changes else self.worlds[case.world],
            self.scopes[case.world][case.actor].actor,
            self.shop.clock.now(),
            self.version,
            self.decls,
        )
        ours = answer_of(response)
        result = run_reference(self.reference, session, case.text, case.variables, case.operation, LIMITS.errors)
        theirs = reference_answer(result)
        raw = {error.message.partition(" for ")[0] for error in result.errors or ()}
        return Outcome(ours, theirs, differences(ours, theirs), seen=frozenset(session.seen | raw))

    def _ours(self, case: Case) -> dict[str, Any]:
        scope = self.scopes[case.world][case.actor]
        request = self.shop.kernel.request(scope)
        request.limits = LIMITS
        try:
            return execute(request, case.text, case.variables, case.operation)
        finally:
            request.close()
            if case.changes:
                with self.database.system() as session:
                    store(session.connection(), scope.tenant.id, self.worlds[case.world])
