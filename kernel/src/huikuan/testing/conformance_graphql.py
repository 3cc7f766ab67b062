"""Rules about what a module adds to the schema: every thing is described, no name is taken twice."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    print_type,
)

from huikuan.testing.conformance_subject import Rules, Subject, listed

__all__ = ["GraphqlRules", "added"]

_BUILT_IN = ("Boolean", "Float", "ID", "Int", "String")


class GraphqlRules(Rules):
    """The schema is the reference that integrators read."""

    def test_everything_in_its_schema_is_described(self, subject: Subject) -> None:
        faults = {name for name, text in added(subject).items() if not (text or "").strip()}
        assert not faults, f"{subject.name} adds to the schema without a description:{listed(faults)}"

    def test_its_names_are_its_own(self, subject: Subject) -> None:
        faults = {
            f"{name} is defined by {other.name} too"
            for other in map(Subject.named, (module.name for module in subject.others))
            for name in added(subject).keys() & added(other).keys()
            if not _same(subject.schema, other.schema, name)
        }
        assert not faults, f"names in the schema of {subject.name} that clash:{listed(faults)}"


def added(subject: Subject) -> dict[str, str | None]:
    """What the schema holds because of the module, with its description."""
    found = dict(_described(subject.schema))
    if subject.base is not None:
        for name in dict(_described(subject.base)):
            found.pop(name, None)
    return found


def _described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Schema coordinates and descriptions of all that the schema itself defines."""
    for name, type_ in schema.type_map.items():
        if name.startswith("__") or name in _BUILT_IN:
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{name}.{key}", value.description) for key, value in type_.values.items())
        elif isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{name}.{key}", field.description) for key, field in type_.fields.items())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for key, field in type_.fields.items():
                yield f"{name}.{key}", field.description
                for argument, item in field.args.items():
                    yield f"{name}.{key}({argument}:)", item.description


def _same(one: GraphQLSchema, other: GraphQLSchema, name: str) -> bool:
    """Whether both mean the kernel's type of that name, such as a filter that only some modules use."""
    type_name = name.partition(".")[0]
    return print_type(one.type_map[type_name]) == print_type(other.type_map[type_name])
