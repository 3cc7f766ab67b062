"""Leaving validation rules out changes no error: documents, broken ones too, are judged by all rules and by ours."""

from __future__ import annotations

import random
import re

import pytest
from graphql import GraphQLError, parse
from graphql.validation import specified_rules, validate

from huikuan.graphql.validation import _NEEDS, rules_for
from huikuan.testing.shop import Shop

DOCUMENTS = (
    "{ orders(first: 2, filter: {number: {eq: \"1\"}}) { nodes { id number customer { name } } totalCount } }",
    "query Q($n: Int = 3, $f: OrderFilter) { orders(first: $n, filter: $f) { nodes { ...O } } } "
    "fragment O on Order { number total { amount } lines { sku ...L } } fragment L on Line { position }",
    "query A($on: Boolean!) { a: order(number: \"x\") { number @skip(if: $on) ... on Order { status } } } "
    "query B { nodes(ids: [\"a\", \"b\"]) { __typename ... on Order @include(if: true) { number } } }",
    "mutation M($k: String) { orderShip(order: {number: \"x\"}, idempotencyKey: $k) "
    "{ order { number } refusals { code } } }",
    "{ __schema { types { name fields { name type { ofType { name } } } } } __type(name: \"Order\") { kind } }",
    "{ order(id: \"x\") { progress(percent: 3) { percent steps { name } } total { amount } total { currency } } }",
    "subscription S { events(types: []) { id } }",
)  # fmt: skip
TOKEN = re.compile(r'"[^"]*"|\w+|\.\.\.|[^\s\w]')


def errors(schema: object, text: str, rules: object) -> list[str] | None:
    """The errors of a document; None if it is no document."""
    try:
        document = parse(text)
    except GraphQLError:
        return None
    chosen = rules_for(document) if rules is rules_for else rules
    return sorted(f"{error.message} {error.locations}" for error in validate(schema, document, chosen, 10_000))  # type: ignore[arg-type]


def mutated(chance: random.Random, text: str, words: list[str]) -> str:
    """A document with some tokens dropped, doubled, exchanged or put elsewhere."""
    tokens = TOKEN.findall(text)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                del tokens[place]
            case 1:
                tokens.insert(chance.randrange(len(tokens)), tokens[place])
            case 2:
                tokens[place] = chance.choice(words)
            case _:
                other = chance.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
    return " ".join(tokens)


def test_every_rule_that_is_left_out_is_one_of_graphql_core() -> None:
    assert set(_NEEDS) <= {rule.__name__ for rule in specified_rules}


@pytest.mark.parametrize("text", DOCUMENTS)
def test_whole_documents_are_judged_alike(shop: Shop, text: str) -> None:
    schema = shop.kernel.compositions.get(["shop"]).schema.core
    assert errors(schema, text, rules_for) == errors(schema, text, None)


def test_broken_documents_are_judged_alike(shop: Shop) -> None:
    schema = shop.kernel.compositions.get(["shop"]).schema.core
    words = sorted({token for text in DOCUMENTS for token in TOKEN.findall(text)} | {"@defer", "@stream", "$x", "x"})
    chance = random.Random(20)
    judged = wrong = 0
    while judged < 1_500:
        text = mutated(chance, chance.choice(DOCUMENTS), words)
        wanted = errors(schema, text, None)
        if wanted is None:
            continue
        judged += 1
        wrong += bool(wanted)
        assert errors(schema, text, rules_for) == wanted, text
    assert wrong > 500
