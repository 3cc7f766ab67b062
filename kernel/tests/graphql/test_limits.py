"""Documents that nobody needs are refused fast, before they cost anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan.graphql import Limits
from huikuan.graphql.documents import Documents
from huikuan.testing.shop import Shop
from kernel.tests.graphql.work import within_a_second


def doubled(count: int) -> str:
    """Each fragment spreads the next one twice: 2^count paths in a few hundred bytes."""
    links = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count))
    return f"{{ ...F0 }} {links} fragment F{count} on Query {{ __typename }}"


def doubled_fields(count: int) -> str:
    links = " ".join(
        f"fragment F{n} on Order {{ a: customer {{ orders {{ nodes {{ ...F{n + 1} }} }} }} "
        f"b: customer {{ orders {{ nodes {{ ...F{n + 1} }} }} }} }}"
        for n in range(count)
    )
    return f"{{ orders {{ nodes {{ ...F0 }} }} }} {links} fragment F{count} on Order {{ id }}"


def chained(count: int) -> str:
    links = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(count))
    return f"{{ ...F0 }} {links} fragment F{count} on Query {{ __typename }}"


def nested(depth: int) -> str:
    return '{ order(number: "x") ' + "{ customer { orders { nodes " * depth + "{ id }" + " } } }" * depth + " }"


def overlapping(count: int) -> str:
    fields = " ".join("orders { nodes { id number } }" for _ in range(count))
    return f"{{ {fields} }}"


def repeated(count: int) -> str:
    """The same twenty fields again and again: each pair of orders is compared field by field."""
    fields = "id number reference status urgent extra secret orderedOn createdAt updatedAt net"
    return "{ " + f'order(number: "x") {{ {fields} }} ' * count + " }"


def many_fragments(count: int) -> str:
    spreads = " ".join(f"...F{n}" for n in range(count))
    return f"{{ {spreads} }} " + " ".join(f"fragment F{n} on Query {{ orders {{ totalCount }} }}" for n in range(count))


SOME_ALIASES = " ".join(f"a{n}: __typename" for n in range(31))
HOSTILE: dict[str, str] = {
    "fragments that double": doubled(40),
    "fields that double": doubled_fields(12),
    "a chain of fragments": chained(500),
    "overlapping": overlapping(300),
    "overlapping in fragments": many_fragments(250),
    "overlapping in inline fragments": "{ " + "... { orders { nodes { id } } } " * 300 + "}",
    "a cycle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a cycle with fields": '{ ...A } fragment A on Query { order(number: "1") { customer { id } } ...A }',
    "deep": nested(5),
    "very deep": nested(300),
    "braces": "{" * 3_000,
    "brackets": "query($a: " + "[" * 3_000 + "Int" + "]" * 3_000 + ") { __typename }",
    "values": "{ orders(first: " + "[" * 3_000 + "]" * 3_000 + ") { totalCount } }",
    "aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }",
    "aliases in a fragment": "{ ...F } fragment F on Query { "
    + " ".join(f"a{n}: __typename" for n in range(31))
    + " }",
    "directives": "{ __typename " + "@skip(if: false) " * 51 + "}",
    "tokens": "{ " + "__typename " * 4_001 + "}",
    "comments": "#\n" * 5_000 + "{ __typename }",
    "long": "{ __typename " + " " * 200_000 + "}",
    "pages of pages": "{ orders(first: 1000) { nodes { shipments(first: 1000) { nodes { id } } } } }",
    "unknown fields": "{ " + " ".join(f"x{n}" for n in range(1_000)) + " }",
    "introspection": "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused_within_a_second(shop: Shop, document: str) -> None:
    response = within_a_second(lambda attempt: shop.execute(document + " " * attempt))  # each new to the server
    assert "data" not in response
    assert len(response["errors"]) <= 21
    codes = {error["extensions"]["code"] for error in response["errors"]}
    assert codes <= {"LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}, codes


ODD = {"overlapping": overlapping(40), "doubling a little": doubled(4), "repeating": repeated(30)}


@pytest.mark.parametrize("document", ODD.values(), ids=ODD)
def test_what_is_merely_odd_is_answered_within_a_second(shop: Shop, document: str) -> None:
    response = within_a_second(lambda attempt: shop.execute(document + " " * attempt))  # each new to the server
    assert response["data"]


LITERAL_IDS = f"""[{", ".join(f'"{number}"' for number in range(20))}]"""
COUNTED: list[tuple[str, dict[str, Any], Callable[[int], bool]]] = [
    ("{ __typename }", {}, lambda cost: cost == 0),
    ("{ orders { nodes { id } } }", {}, lambda cost: cost == 1 + 1 + 50),
    ("{ orders(first: 7) { nodes { id number } } }", {}, lambda cost: cost == 1 + 1 + 7 * 2),
    ("query($n: Int) { orders(first: $n) { nodes { id } } }", {"n": 3}, lambda cost: cost == 5),
    ("query($n: Int = 4) { orders(first: $n) { nodes { id } } }", {}, lambda cost: cost == 6),
    ("query($n: Int) { orders(first: $n) { nodes { id } } }", {"n": 300.0}, lambda cost: cost == 1 + 1 + 300),
    ("query($n: Int! = 300) { orders(last: $n) { nodes { id } } }", {}, lambda cost: cost == 1 + 1 + 300),
    (f"query($ids: [ID!]! = {LITERAL_IDS}) {{ nodes(ids: $ids) {{ id }} }}", {}, lambda cost: cost == 1 + 20),
    (f"{{ nodes(ids: {LITERAL_IDS}) {{ id }} }}", {}, lambda cost: cost == 1 + 20),
    (
        "{ orders(first: 2) { ...P } } fragment P on OrderConnection { nodes { id } }",
        {},
        lambda cost: cost == 1 + 2 * 2,
    ),
    ("{ orders(first: 2) { nodes { lines { id } } } }", {}, lambda cost: cost == 1 + 1 + 2 * (1 + 10)),
]


@pytest.mark.parametrize(("document", "variables", "fits"), COUNTED)
def test_the_cost_is_fields_times_pages(
    shop: Shop, document: str, variables: dict[str, Any], fits: Callable[[int], bool]
) -> None:
    cost = shop.execute(document, **variables)["extensions"]["cost"]
    assert fits(cost), cost


def test_the_cost_of_variables_is_checked_each_time(shop: Shop) -> None:
    document = """query($a: Int, $b: Int) { orders(first: $a) { nodes { shipments(first: $b) { nodes { id } } } } }"""
    assert "data" in shop.execute(document, a=10, b=10)
    (error,) = shop.execute(document, a=1000, b=1000)["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_the_usual_introspection_query_is_answered(shop: Shop) -> None:
    from_tools = """query IntrospectionQuery { __schema { queryType { name } types { ...FullType } } }
        fragment FullType on __Type { kind name fields(includeDeprecated: true) { name args { ...InputValue }
            type { ...TypeRef } } inputFields { ...InputValue } isOneOf }
        fragment InputValue on __InputValue { name type { ...TypeRef } defaultValue }
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
            ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }"""
    types = {item["name"]: item for item in shop.query(from_tools)["__schema"]["types"]}
    assert types["OrderRef"]["isOneOf"] is True
    assert types["OrderCreateInput"]["isOneOf"] is False


def test_documents_are_kept_within_bounds(shop: Shop) -> None:
    core = shop.scope.composition.schema.core
    documents = Documents(count=5, size=100_000)
    for number in range(50):
        documents.prepare(core, f"{{ a{number}: __typename }}", Limits())
    again = documents.prepare(core, "{ a49: __typename }", Limits())
    assert documents.prepare(core, "{ a49: __typename }", Limits()) is again
    assert len(documents) == 5
    documents = Documents(count=1000, size=20_000)
    for number in range(50):
        documents.prepare(core, f"{{ a{number}: __typename {' ' * 900} }}", Limits())
    assert documents.size <= 20_000
    documents.prepare(core, f"{{ __typename {' ' * 19_000} }}", Limits())
    assert documents.size <= 20_000
