"""Documents made from a schema that between them visit every field, argument, filter and order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
    is_required_argument,
    is_required_input_field,
)

from huikuan.graphql.ids import encode_id

DEPTH = 2
AT_ONCE = 10
"""How many types one document asks for where any may come; documents that repeat too much are refused."""


@dataclass
class Visited:
    """What the documents have touched so far."""

    fields: set[tuple[str, str]] = field(default_factory=set)
    arguments: set[tuple[str, str, str]] = field(default_factory=set)
    inputs: set[tuple[str, str]] = field(default_factory=set)
    enum_values: set[tuple[str, str]] = field(default_factory=set)


class Sweep:
    """Makes documents. ``ids`` gives the ids to ask for, by type name: those of the other tenant.

    What stands below a type with rows is the same wherever that type comes from, so it is asked for once; then only
    the plain fields are. ``thorough`` asks for it each time.
    """

    def __init__(self, schema: GraphQLSchema, ids: Mapping[str, Sequence[UUID]], *, thorough: bool = False) -> None:
        self._schema = schema
        self._ids = ids
        self._thorough = thorough
        self._in_full: set[str] = set()
        self.visited = Visited()
        self._first = 0
        self._left_out = False

    def queries(self) -> Iterator[str]:
        """One document per root field and per way to fill one of its arguments."""
        query = self._schema.query_type
        assert query is not None
        for name, root in query.fields.items():
            self.visited.fields.add(("Query", name))
            for number, arguments in enumerate(self._argument_sets("Query", name, root)):
                # In full once; what the other arguments change is which rows come, not what they show.
                for selection in self._selections(root, DEPTH + _is_own(root)) if not number else [self._turn(root, 1)]:
                    yield f"query {{ {name}{arguments}{selection} }}"

    def mutations(self) -> Iterator[str]:
        """One document per mutation, with values for all of its arguments."""
        mutation = self._schema.mutation_type
        for name, item in mutation.fields.items() if mutation else ():
            self.visited.fields.add(("Mutation", name))
            parts = [
                f"{key}: {self._literal(argument.type, owner=name)}"
                for key, argument in item.args.items()
                if self._note("Mutation", name, key) and key != "idempotencyKey"
            ]
            given = f"({', '.join(parts)})" if parts else ""
            yield f"mutation {{ {name}{given}{self._turn(item, 2)} }}"

    def subscriptions(self) -> Iterator[str]:
        """One document for each subscription and set of arguments."""
        subscription = self._schema.subscription_type
        for name, item in subscription.fields.items() if subscription else ():
            self.visited.fields.add(("Subscription", name))
            for arguments in self._argument_sets("Subscription", name, item):
                for selection in self._selections(item, DEPTH):
                    yield f"subscription {{ {name}{arguments}{selection} }}"

    def missed(self) -> list[str]:
        """Fields, arguments, inputs and enum values of the schema that no document touched."""
        missing = []
        for type_ in self._schema.type_map.values():
            if type_.name.startswith("__"):
                continue
            if isinstance(type_, GraphQLObjectType):
                for name, item in type_.fields.items():
                    if (type_.name, name) not in self.visited.fields:
                        missing.append(f"{type_.name}.{name}")
                    missing += [
                        f"{type_.name}.{name}({key})"
                        for key in item.args
                        if (type_.name, name, key) not in self.visited.arguments
                    ]
            elif isinstance(type_, GraphQLInputObjectType):
                missing += [
                    f"{type_.name}.{key}" for key in type_.fields if (type_.name, key) not in self.visited.inputs
                ]
            elif isinstance(type_, GraphQLEnumType) and type_.name.endswith("OrderBy"):
                missing += [
                    f"{type_.name}.{key}" for key in type_.values if (type_.name, key) not in self.visited.enum_values
                ]
        return missing

    # --- selections --------------------------------------------------------------------------

    def _selections(self, item: GraphQLField, depth: int) -> Iterator[str]:
        """Selections that between them ask for every type that may come."""
        self._first = 0
        while True:
            self._left_out = False
            yield self._selection(item, depth)
            if not self._left_out:
                return
            self._first += AT_ONCE

    def _turn(self, item: GraphQLField, depth: int) -> str:
        """One selection; where any type may come it asks for some of them, each time for others."""
        self._left_out = False
        found = self._selection(item, depth)
        self._first = self._first + AT_ONCE if self._left_out else 0
        return found

    def _selection(self, item: GraphQLField, depth: int) -> str:
        named = get_named_type(item.type)
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            parts = ["__typename"]
            for type_ in self._some(named):
                parts.append(f"... on {type_.name} {self._fields(type_, 0, prefix=type_.name)}")
            if isinstance(named, GraphQLInterfaceType):
                parts += list(named.fields)
            return " { " + " ".join(parts) + " }"
        if not isinstance(named, GraphQLObjectType):
            return ""
        return " " + self._fields(named, self._depth_below(named, depth))

    def _depth_below(self, named: GraphQLObjectType, depth: int) -> int:
        """How far to go below a type: once as far as asked for."""
        if self._thorough or not named.interfaces or depth <= 0:
            return depth
        if named.name in self._in_full:
            return 0
        if depth >= DEPTH:
            self._in_full.add(named.name)
        return depth

    def _some(self, named: GraphQLInterfaceType | GraphQLUnionType) -> Sequence[GraphQLObjectType]:
        types = self._schema.get_possible_types(named)
        self._left_out |= self._first + AT_ONCE < len(types)
        return types[self._first : self._first + AT_ONCE]

    def _fields(self, type_: GraphQLObjectType, depth: int, *, prefix: str = "") -> str:
        """A selection; ``prefix`` makes aliases, where fields of several types must not clash."""
        parts = ["__typename"]
        for name, item in type_.fields.items():
            composite = isinstance(
                get_named_type(item.type), GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
            )
            if composite and depth <= 0 and not _plain(get_named_type(item.type)):
                continue
            required = [key for key, argument in item.args.items() if is_required_argument(argument)]
            given = ", ".join(
                f"{key}: {self._literal(item.args[key].type, owner=name)}"
                for key in required
                if self._note(type_.name, name, key)
            )
            self.visited.fields.add((type_.name, name))
            alias = f"{prefix}_{name}: " if prefix else ""
            parts.append(f"{alias}{name}{f'({given})' if given else ''}{self._selection(item, depth - 1)}")
        return "{ " + " ".join(parts) + " }"

    def nested(self) -> Iterator[str]:
        """Documents for the arguments of fields that are not root fields, and for types not reached yet."""
        for root_name, type_ in self._entrances():
            for name, item in type_.fields.items():
                self.visited.fields.add((type_.name, name))
                for number, arguments in enumerate(self._argument_sets(type_.name, name, item)):
                    for selection in self._selections(item, 2) if not number else [self._turn(item, 0)]:
                        yield f"query {{ {root_name} {{ ... on {type_.name} {{ {name}{arguments}{selection} }} }} }}"

    def _entrances(self) -> Iterator[tuple[str, GraphQLObjectType]]:
        node = self._schema.type_map["Node"]
        assert isinstance(node, GraphQLInterfaceType)
        for type_ in self._schema.get_possible_types(node):
            for id_ in [encode_id(type_.name, item) for item in self._ids.get(type_.name, ())][:1]:
                yield f'node(id: "{id_}")', type_

    # --- arguments ---------------------------------------------------------------------------

    def _argument_sets(self, owner: str, name: str, item: GraphQLField) -> Iterator[str]:
        required = {
            key: self._literal(argument.type, owner=name)
            for key, argument in item.args.items()
            if is_required_argument(argument) and self._note(owner, name, key)
        }
        yield _render(required)
        for key, argument in item.args.items():
            if key in required:
                continue
            self._note(owner, name, key)
            for literal in self._variants(argument.type, name, key):
                yield _render({**required, key: literal})

    def _variants(self, type_: Any, owner: str, key: str) -> Iterator[str]:
        named = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            for value in named.values:
                self.visited.enum_values.add((named.name, value))
                yield f"[{value}]" if isinstance(get_nullable_type(type_), GraphQLList) else value
        elif is_input_object_type(named):
            assert isinstance(named, GraphQLInputObjectType)
            yield from self._input_variants(named, owner)
        else:
            yield self._literal(type_, owner=owner, key=key)

    def _input_variants(self, type_: GraphQLInputObjectType, owner: str) -> Iterator[str]:
        """Each field by itself; of a filter all of them at once, joined by ``or``."""
        if "or" in type_.fields:
            for key in ("and", "or", "not"):
                self.visited.inputs.add((type_.name, key))
            single = list(self._single_fields(type_, owner))
            yield f"{{or: [{', '.join(single)}], not: {single[0]}, and: [{{not: {single[-1]}}}]}}"
            yield f"{{or: [{', '.join(single)}]}}"
            return
        if any(is_required_input_field(item) for item in type_.fields.values()) or type_.is_one_of:
            yield self._object(type_, owner)
        else:
            yield from self._single_fields(type_, owner)

    def _single_fields(self, type_: GraphQLInputObjectType, owner: str) -> Iterator[str]:
        for name, item in type_.fields.items():
            self.visited.inputs.add((type_.name, name))
            inner = get_named_type(item.type)
            if isinstance(inner, GraphQLInputObjectType) and inner is not type_:
                for variant in self._input_variants(inner, owner):
                    yield f"{{{name}: {variant}}}"
            elif inner is not type_:
                yield f"{{{name}: {self._literal(item.type, owner=owner)}}}"

    def _literal(self, type_: Any, *, owner: str, key: str = "") -> str:
        if isinstance(type_, GraphQLNonNull):
            return self._literal(type_.of_type, owner=owner, key=key)
        if isinstance(type_, GraphQLList):
            return f"[{self._literal(type_.of_type, owner=owner, key=key)}]"
        if isinstance(type_, GraphQLEnumType):
            value: str = next(iter(type_.values))
            self.visited.enum_values.add((type_.name, value))
            return value
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_, owner)
        return self._scalar(type_.name, owner, key)

    def _object(self, type_: GraphQLInputObjectType, owner: str) -> str:
        """An input object: with one key for a reference, else with all of its fields."""
        if type_.is_one_of:
            self.visited.inputs.update((type_.name, key) for key in type_.fields)
            return f'{{id: "{self._id(type_.name.removesuffix("Ref"))}"}}'
        parts = []
        for key, item in type_.fields.items():
            self.visited.inputs.add((type_.name, key))
            if is_required_input_field(item) or not _recursive(type_, item):
                parts.append(f"{key}: {self._literal(item.type, owner=owner, key=key)}")
        return "{" + ", ".join(parts) + "}"

    def _scalar(self, name: str, owner: str, key: str) -> str:
        if name == "ID":
            return f'"{self._id_for(owner)}"'
        literals: dict[str, str] = {
            "Int": "1",
            "Boolean": "true",
            "Decimal": '"1"',
            "Date": '"2026-01-03"',
            "DateTime": '"2026-01-03T12:00:00Z"',
            "CurrencyCode": '"EUR"',
            "JSON": "{}",
        }
        return literals.get(name, f'"{key or "text"}-1"')

    def _id_for(self, owner: str) -> str:
        """The id that a field or mutation is about: its name begins with the noun of a type."""
        names = sorted((name for name in self._ids if owner.lower().startswith(name.lower())), key=len)
        return self._id(names[-1] if names else next(iter(self._ids)))

    def _id(self, type_name: str) -> str:
        ids = self._ids.get(type_name)
        return encode_id(type_name, ids[0] if ids else UUID(int=1))

    def _note(self, owner: str, name: str, key: str) -> bool:
        self.visited.arguments.add((owner, name, key))
        return True


def _is_own(root: GraphQLField) -> bool:
    """Whether it answers with an output of its own: what stands in that is reached by no other way."""
    named = get_named_type(root.type)
    return isinstance(named, GraphQLObjectType) and not named.interfaces and "nodes" not in named.fields


def _plain(type_: Any) -> bool:
    """Whether an object type has only plain fields, so that it may be read at any depth."""
    return isinstance(type_, GraphQLObjectType) and not any(
        isinstance(get_named_type(item.type), GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
        for item in type_.fields.values()
    )


def _recursive(type_: GraphQLInputObjectType, item: GraphQLInputField) -> bool:
    return get_named_type(item.type) is type_


def _render(arguments: Mapping[str, str]) -> str:
    return f"({', '.join(f'{key}: {value}' for key, value in arguments.items())})" if arguments else ""
