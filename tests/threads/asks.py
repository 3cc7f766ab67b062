"""Questions about what a thread owns, each with the answer that it must get."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from huikuan.graphql.ids import encode_id
from huikuan.ids import new_id
from tests.threads.selections import Maker, Owned
from tests.threads.town import Answer

__all__ = ["READS", "Ask", "Estate"]

Expected = Callable[[frozenset[str]], Mapping[str, Any]]
TYPES = {"id": "ID", "code": "String", "reference": "String"}
ORDERS: dict[str, Callable[[Owned], Any]] = {
    "CODE_ASC": lambda customer: customer["code"],
    "CODE_DESC": lambda customer: customer["code"],
    "NAME_ASC": lambda customer: customer["name"],
    "CREATED_AT_DESC": lambda customer: customer["code"],
}


@dataclass
class Estate:
    """What one thread owns; nobody else writes it."""

    customers: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    product: dict[str, Any]


@dataclass(frozen=True)
class Ask:
    """A document, the modules without which it is no valid one, and what it is answered with them."""

    document: str
    variables: Mapping[str, Any]
    needs: frozenset[str]
    expected: Expected

    def check(self, answer: Answer) -> None:
        """The answer is the one of the modules that the tenant had."""
        if not self.needs <= answer.names:
            assert "data" not in answer.body, (self, answer)
            assert set(answer.codes) == {"GRAPHQL_VALIDATION_FAILED"}, (self, answer)
            return
        wanted = {"data": self.expected(answer.names)}
        found = {name: value for name, value in answer.body.items() if name != "extensions"}
        # As texts, because the order of the fields counts too.
        assert json.dumps(found) == json.dumps(wanted), f"{self}\nanswered: {found}\nwanted:   {wanted}"


def _ask(maker: Maker, roots: str, wanted: Mapping[str, Any]) -> Ask:
    return Ask(maker.document(roots), maker.values, frozenset(maker.needs), lambda _names: wanted)


# --- one object ---------------------------------------------------------------------------------


def one(maker: Maker, estate: Estate) -> Ask:
    """A customer or an order by its id or by its own key, given as a variable or in the document."""
    noun, key, owned = maker.rng.choice((("customer", "code", estate.customers), ("order", "reference", estate.orders)))
    found, name = maker.given.choice(owned), maker.rng.choice(("id", key))
    literal = maker.rng.random() < 0.2
    value = json.dumps(found[name]) if literal else maker.variable("one", TYPES[name], found[name])
    selection = maker.selection(found["__typename"])
    return _ask(maker, f"{noun}({name}: {value}) {selection.text()}", {noun: selection.answer(found)})


def node(maker: Maker, estate: Estate) -> Ask:
    """Anything by its global id; what nobody has is null."""
    owned = maker.rng.choice((estate.customers, estate.orders))
    found, there = maker.given.choice(owned), maker.given.random() < 0.9
    selection = maker.selection(found["__typename"])
    id = maker.variable("id", "ID!", found["id"] if there else encode_id(selection.type, new_id()))
    text = f"node(id: {id}) {{ __typename ... on {selection.type} {selection.text()} }}"
    shown = {"__typename": selection.type, **selection.answer(found)}
    return _ask(maker, text, {"node": shown if there else None})


def nodes(maker: Maker, estate: Estate) -> Ask:
    """Objects of two types, some of them twice."""
    chosen = {type_: maker.selection(type_, 1) for type_ in ("Customer", "Order")}
    found = maker.given.choices([*estate.customers, *estate.orders], k=maker.given.randint(1, 6))
    ids = maker.variable("ids", "[ID!]!", [item["id"] for item in found])
    parts = " ".join(f"... on {type_} {selection.text()}" for type_, selection in chosen.items())
    shown = [{"id": item["id"], **chosen[item["__typename"]].answer(item)} for item in found]
    return _ask(maker, f"nodes(ids: {ids}) {{ id {parts} }}", {"nodes": shown})


# --- lists --------------------------------------------------------------------------------------


def listed(maker: Maker, estate: Estate) -> Ask:
    """The thread's customers among all others, filtered and ordered, with lists and connections below."""
    codes = maker.variable("codes", "[String!]", [item["code"] for item in estate.customers])
    order = maker.rng.choice(tuple(ORDERS))
    page = maker.page("Customer", 3, f", filter: {{ code: {{ in: {codes} }} }}, orderBy: [{order}]")
    found = sorted(estate.customers, key=ORDERS[order], reverse=order.endswith("DESC"))
    return _ask(maker, f"customers{page.text()}", {"customers": page.answer(found)})


def ordered(maker: Maker, estate: Estate) -> Ask:
    """The orders of one customer, from the root."""
    customer = maker.given.choice(estate.customers)
    id = maker.variable("customer", "ID!", customer["id"])
    page = maker.page("Order", 2, f", filter: {{ customer: {{ eq: {id} }} }}")
    maker.needs.add("orders")
    return _ask(maker, f"orders{page.text()}", {"orders": page.answer(customer["orders"])})


def counted(maker: Maker, estate: Estate) -> Ask:
    """Numbers alone: rows in the database for each of several parents, and a batch function's."""
    maker.needs |= {"customers", "orders"}
    name = maker.given.choice(estate.customers)["name"]
    codes = maker.variable("codes", "[String!]", [item["code"] for item in estate.customers])
    text = (
        f"customers(filter: {{ code: {{ in: {codes} }} }}) {{ totalCount nodes {{ orders {{ totalCount }} tags }} }}"
        f" same: customers(filter: {{ name: {{ eq: {maker.variable('name', 'String!', name)} }} }}) {{ totalCount }}"
    )
    shown = [{"orders": {"totalCount": len(item["orders"])}, "tags": item["tags"]} for item in estate.customers]
    return _ask(maker, text, {"customers": {"totalCount": len(shown), "nodes": shown}, "same": {"totalCount": 1}})


# --- the schema ---------------------------------------------------------------------------------


def introspected(maker: Maker, estate: Estate) -> Ask:
    """Which fields there are is a matter of the modules."""
    key = f"t{maker.rng.randint(0, 99)}"
    text = f'{{ {key}: __type(name: "Customer") {{ name kind }} o: __type(name: "Order") {{ name }} __typename }}'

    def expected(names: frozenset[str]) -> Mapping[str, Any]:
        customer = {"name": "Customer", "kind": "OBJECT"} if "customers" in names else None
        order = {"name": "Order"} if "orders" in names else None
        return {key: customer, "o": order, "__typename": "Query"}

    return Ask(text, {}, frozenset(), expected)


def invalid(maker: Maker, estate: Estate) -> Ask:
    """A document that is never valid."""
    field = maker.rng.choice(("nothing", "ordres", "cust"))
    return Ask(f"{{ __typename {field} }}", {}, frozenset({"a module that nobody has"}), lambda _names: {})


READS: dict[Callable[[Maker, Estate], Ask], int] = {
    one: 5,
    node: 3,
    nodes: 3,
    listed: 6,
    ordered: 4,
    counted: 2,
    introspected: 1,
    invalid: 1,
}
