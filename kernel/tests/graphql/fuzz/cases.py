"""Cases: a document with its variables, on a data set, as somebody; made from bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import GraphQLSchema

from huikuan.graphql.decls import NodeDecl
from kernel.tests.graphql.fuzz.answers import Answer
from kernel.tests.graphql.fuzz.dice import Dice
from kernel.tests.graphql.fuzz.documents import Writer
from kernel.tests.graphql.fuzz.menu import Menu
from kernel.tests.graphql.fuzz.worlds import World

PERMISSIONS = ("depot.read", "depot.write", "depot.vault", "depot.secret", "survey.read", "survey.more")
ACTORS: dict[str, frozenset[str]] = {
    "all": frozenset(PERMISSIONS),
    "most": frozenset(PERMISSIONS) - {"depot.vault", "depot.secret", "survey.more"},
    "no visits": frozenset(PERMISSIONS) - {"survey.read", "depot.write"},
    "only visits": frozenset({"survey.read"}),
}


@dataclass(frozen=True)
class Case:
    """One document and what it is sent with."""

    world: int
    actor: str
    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None
    features: frozenset[str] = frozenset()

    @property
    def changes(self) -> bool:
        """Whether it may change the data."""
        return "mutation" in self.features


@dataclass(frozen=True)
class Outcome:
    """What both sides answered."""

    ours: Answer
    theirs: Answer
    differences: Sequence[str] = ()
    valid: bool = True
    seen: frozenset[str] = frozenset()


def cases_of(
    source: bytes, schema: GraphQLSchema, menu: Menu, worlds: Sequence[World], decls: Mapping[str, NodeDecl]
) -> list[Case]:
    """A document on the data set that it was written for; often again on another one, with other flags."""
    dice = Dice(source)
    world = dice.below(len(worlds))
    actor = _actor(dice)
    writer = Writer(dice, schema, menu, worlds[world], dict(decls))
    text, operation = writer.document()
    first = Case(world, actor, text, writer.variables.given, operation, writer.all_features())
    if first.changes or dice.chance(40):
        return [first]
    flipped = {
        name: (not value if isinstance(value, bool) and dice.chance(40) else value)
        for name, value in first.variables.items()
    }
    again = first.features | {"document sent again"}
    return [first, replace(first, world=dice.below(len(worlds)), actor=_actor(dice), variables=flipped, features=again)]


def _actor(dice: Dice) -> str:
    """Mostly somebody who may see everything."""
    if not dice.chance(25):
        return "all"
    return dice.pick(("most", "most", "no visits", "only visits"))
