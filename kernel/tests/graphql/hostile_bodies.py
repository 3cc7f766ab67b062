"""Bodies that nobody sends by chance: by what they try, the bytes of a POST."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

__all__ = ["HEAVY", "HOSTILE"]


def asked(document: str, **variables: Any) -> bytes:
    return json.dumps({"query": document, "variables": variables}).encode()


def raw(value: str) -> bytes:
    """A body whose variable is JSON that Python would not write."""
    return asked("query($a: Int) { orders(first: $a) { totalCount } }", a="VALUE").replace(b'"VALUE"', value.encode())


def fragments(count: int, body: Callable[[int], str], on: str = "Query") -> str:
    return " ".join(f"fragment F{n} on {on} {{ {body(n)} }}" for n in range(count))


def numbered(count: int, text: str) -> str:
    """``text`` again and again, # replaced by a number."""
    return " ".join(text.replace("#", str(n)) for n in range(count))


FRAGMENTS: dict[str, bytes] = {
    "chained": asked("{ ...F0 } " + fragments(100, lambda n: f"...F{n + 1}" if n < 99 else "__typename")),
    "doubled": asked("{ ...F0 } " + fragments(100, lambda n: f"...F{n + 1} " * 2 if n < 99 else "__typename")),
    "tenfold": asked("{ ...F0 } " + fragments(100, lambda n: f"...F{n + 1} " * 10 if n < 99 else "__typename")),
    "through fields": asked(
        "{ orders { nodes { ...F0 } } } "
        + fragments(100, lambda n: f"customer {{ orders {{ nodes {{ ...F{n + 1} }} }} }}" if n < 99 else "id", "Order")
    ),
    "inline": asked("{ " + "... on Query { " * 100 + "__typename" + " }" * 101),
    "inline, deeper": asked("{ " + "... { " * 1_900 + "__typename" + " }" * 1_901),
    "cycle": asked("{ ...F0 } fragment F0 on Query { ...F1 } fragment F1 on Query { ...F0 }"),
    "cycle of 100": asked("{ ...F0 } " + fragments(100, lambda n: f"...F{(n + 1) % 100}")),
    "everyone in everyone": asked("{ ...F0 } " + fragments(40, lambda n: numbered(40, "...F#"))),
    "each in itself": asked("{ __typename } " + fragments(300, lambda n: f"...F{n}")),
    "of no type": asked("{ __typename } " + numbered(500, "fragment F# on X# { __typename }")),
    "unknown": asked("{ " + numbered(1_900, "...F#") + " }"),
    "overlapping": asked("{ " + numbered(150, "...F#") + " } " + fragments(150, lambda n: "orders { totalCount }")),
}
SELECTIONS: dict[str, bytes] = {
    "10,000 aliases": asked("{ " + numbered(10_000, "a#: me") + " }"),
    "1,000 aliases": asked("{ " + numbered(1_000, "a#: __typename") + " }"),
    "100,000 tokens": asked("{ " + "a " * 100_000 + "}"),
    "tokens in few characters": asked("{}" * 45_000),
    "deep": asked('{ order(number: "x") ' + "{ customer { orders { nodes " * 100 + "{ id }" + " } } }" * 100 + " }"),
    "deep braces": asked("{a" * 1_300 + "}" * 1_300),
    "deep, not closed": asked("{a" * 45_000),
    "repeated": asked("{ " + "orders { nodes { id number } } " * 300 + "}"),
    "repeated and different": asked("{ " + numbered(60, "orders(first: #) { nodes { id } }") + "}"),
    "unknown fields": asked("{ orders { nodes { " + numbered(1_900, "numberx#") + " } } }"),
    "a long name": asked("{ " + "x" * 95_000 + " }"),
    "long names": asked("{ " + numbered(20, "y#" + "x" * 4_500) + " }"),
    "directives": asked("{ __typename " + "@skip(if: false) " * 600 + "}"),
    "unknown directives": asked("{ __typename " + numbered(1_900, "@x#") + "}"),
    "variables that nobody uses": asked("query(" + numbered(900, "$v#: Int") + ") { __typename }"),
    "operations": asked(numbered(700, "query Q# { __typename }")),
    "operations of one name": asked("query Q { __typename } " * 700),
    "mutations": asked("mutation { " + numbered(11, 'a#: customersImport(codes: ["x"]) { customers { id } }') + " }"),
    "arguments twice": asked("{ orders(" + "first: 1 " * 1_200 + ") { totalCount } }"),
    "unknown arguments": asked("{ orders(" + numbered(1_200, "firstx#: 1") + ") { totalCount } }"),
    "types": asked("type A { a: Int } " * 400),
    "comments": asked("#\n" * 45_000 + "{ __typename }"),
    "spaces": asked("{ __typename }" + " " * 900_000),
    "pages of pages": asked("{ orders(first: 1000) { nodes { shipments(first: 1000) { nodes { id } } } } }"),
}
SCHEMA: dict[str, bytes] = {
    "deep": asked("{ __schema { types " + "{ fields { type " * 5 + "{ name }" + " } }" * 5 + " } }"),
    "aliases": asked("{ " + numbered(30, "a#: __schema { types { fields { args { name } } } }") + " }"),
    "types": asked("{ __schema { " + numbered(30, "t#: types { fields { args { name } } }") + " } }"),
    "types in a fragment": asked(
        "{ __schema { ...S } } fragment S on __Schema { " + numbered(30, "t#: types { name }") + " }"
    ),
}
VALUES: dict[str, bytes] = {
    "lists": asked("{ orders(first: " + "[" * 60 + "]" * 60 + ") { totalCount } }"),
    "deeper lists": asked("{ orders(first: " + "[" * 1_900 + "]" * 1_900 + ") { totalCount } }"),
    "objects": asked("{ orders(filter: " + "{not: " * 900 + "{}" + "}" * 900 + ") { totalCount } }"),
    "lists of types": asked("query($a: " + "[" * 1_900 + "Int" + "]" * 1_900 + ") { __typename }"),
    "10,000 digits": asked("{ orders(first: " + "9" * 10_000 + ") { totalCount } }"),
    "10,000 digits by default": asked("query($n: Int = " + "9" * 10_000 + ") { orders(first: $n) { totalCount } }"),
    "10,000 digits after the point": asked("{ orders(filter: {net: {gte: 1." + "9" * 10_000 + "}}) { totalCount } }"),
    "a large exponent": asked('{ orders(filter: {net: {gte: "1e999999999"}}) { totalCount } }'),
    "a long text": asked('{ orders(first: "' + "x" * 95_000 + '") { totalCount } }'),
    "a text that does not end": asked('{ customer(code: "' + "x" * 95_000),
    "a long enum": asked("{ orders(orderBy: " + "x" * 95_000 + ") { totalCount } }"),
    "many enums": asked("{ orders(orderBy: [" + "BOGUS " * 3_900 + "]) { totalCount } }"),
    "unknown input": asked("{ orders(filter: {" + numbered(1_200, "numberx#: 1") + "}) { totalCount } }"),
}
LISTED = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
FILTERED = "query($f: OrderFilter) { orders(filter: $f) { totalCount } }"
VARIABLES: dict[str, bytes] = {
    "deep lists": raw("[" * 200_000 + "]" * 200_000),
    "65 lists": raw("[" * 65 + "]" * 65),
    "60 lists": raw("[" * 60 + "]" * 60),
    "deep objects": raw('{"a":' * 70_000 + "1" + "}" * 70_000),
    "empty lists": raw("[" + "[]," * 300_000 + "[]]"),
    "small objects": raw("[" + '{"a":[[]]},' * 80_000 + "1]"),
    "many values": raw("[" + "1," * 400_000 + "1]"),
    "10,000 digits": raw("9" * 10_000),
    "4,000 digits": raw("9" * 4_000),
    "too large": raw("1e999"),
    "a long text": asked("query($n: Int) { orders(first: $n) { totalCount } }", n="x" * 900_000),
    "more than the limit": asked("query($c: String) { customer(code: $c) { id } }", c="x" * 1_100_000),
    "ids that are none": asked(LISTED, ids=[{}] * 50_000),
    "unknown input": asked(FILTERED, f={f"numberx{n}": 1 for n in range(40_000)}),
    "wrong members": asked(FILTERED, f={"number": {"in": list(range(100_000))}}),
}
BYTES: dict[str, bytes] = {
    "no UTF-8": b'{"query": "{ \xff\xfe }"}',
    "overlong UTF-8": b'{"query": "{ \xc0\xaf }"}',
    "half of a character": b'{"query": "{ me } # \\ud83c"}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "NUL": b'{"query": "{ __typename } # \\u0000"}',
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "cut": b'{"query": "{ __typename }',
    "batch": b"[" + b",".join([asked("{ __typename }")] * 10_000) + b"]",
    "batch in a batch": b"[[" + asked("{ __typename }") + b"]]",
    "a long name of an operation": json.dumps({"query": "{ me }", "operationName": "x" * 900_000}).encode(),
    "a hash that is none": json.dumps({"documentId": "x" * 900_000}).encode(),
}
GROUPS = {
    "fragments": FRAGMENTS,
    "selections": SELECTIONS,
    "schema": SCHEMA,
    "values": VALUES,
    "variables": VARIABLES,
    "bytes": BYTES,
}
HOSTILE = {f"{group}: {name}": body for group, bodies in GROUPS.items() for name, body in bodies.items()}
"""Each is refused."""

HEAVY: dict[str, bytes] = {
    "names that no operation has": asked("{ __typename }", **{f"v{n}": n for n in range(60_000)}),
    "a long text": asked("query($c: String) { customer(code: $c) { id } }", c="x" * 900_000),
    "many ids": asked(LISTED, ids=["x"] * 50_000),
    "many members": asked(FILTERED, f={"number": {"in": ["x"] * 100_000}}),
    "many conditions": asked(FILTERED, f={"or": [{"number": {"eq": "x"}} for _ in range(20_000)]}),
    "a block of lines": asked('{ customer(code: """' + "\n " * 45_000 + '""") { id } }'),
    "escapes": asked('{ customer(code: "' + "\\u{0041}" * 10_000 + '") { id } }'),
    "commas": asked("," * 95_000 + "{ __typename }"),
    "fields on fields": asked("{ orders { nodes { " + "customer { orders { nodes { id } } } " * 60 + "} } }"),
    "the same key": b'{"query": "{ __typename }"' + b', "a": 1' * 90_000 + b"}",
}
"""Each is merely odd: it is executed, or a field of it is refused."""
