"""Fields that modules contribute to others' outputs: one call for all objects, with the rules of nodes' fields."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from huikuan.context import Context
from huikuan.errors import SetupError
from huikuan.graphql import batch, collect_declarations, extend, output, to_many
from huikuan.graphql.decls import Declarations
from huikuan.testing.shop import Shop
from kernel.tests.graphql.pace.types import CALLS
from kernel.tests.graphql.shop import models, types
from kernel.tests.graphql.test_schema import built

# --- on both databases --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paced(shop: Shop) -> Shop:
    """A tenant that has both modules, with three orders of one customer."""
    paced = shop.other_tenant("shop", "pace", slug=f"paced-{secrets.token_hex(4)}")
    with paced.writing() as ctx:
        buyer = ctx.add(models.Customer(code="C-1", name="One"))
        for place in range(3):
            ctx.add(models.Order(number=f"SO-{place}", customer_id=buyer.id, total=Decimal(place)))
    return paced


@pytest.fixture(autouse=True)
def no_calls() -> None:
    CALLS.clear()


def test_an_output_shows_what_another_module_adds(paced: Shop) -> None:
    data = paced.query('{ order(number: "SO-1") { progress { percent pace { percent } } } }')
    assert data["order"]["progress"] == {"percent": 50, "pace": {"percent": 100}}


def test_one_call_answers_for_the_outputs_of_a_whole_list(paced: Shop) -> None:
    data = paced.query("{ orders { nodes { progress { pace { percent } steps { buyer { code } } } } } }")
    assert [node["progress"]["pace"]["percent"] for node in data["orders"]["nodes"]] == [100] * 3
    assert [node["progress"]["steps"] for node in data["orders"]["nodes"]] == [[{"buyer": {"code": "C-1"}}]] * 3
    assert CALLS == [("pace", 3), ("buyer", 3)]


def test_outputs_in_contributed_outputs_have_their_fields_too(paced: Shop) -> None:
    data = paced.query('{ order(number: "SO-1") { progress { pace { steps { name buyer { code } } } } } }')
    assert data["order"]["progress"]["pace"]["steps"] == [{"name": "packed", "buyer": {"code": "C-1"}}]


def test_arguments_are_apart_by_alias(paced: Shop) -> None:
    found = paced.query(
        'query($n: Int!) { order(number: "SO-1") { progress { a: pace(times: $n) { percent } pace { percent } } } }',
        n=3,
    )
    assert found["order"]["progress"] == {"a": {"percent": 150}, "pace": {"percent": 100}}


def test_a_query_s_output_has_them_as_well(paced: Shop) -> None:
    id = paced.query('{ order(number: "SO-1") { id } }')["order"]["id"]
    found = paced.query("query($id: ID!) { orderPreview(id: $id) { percent pace { percent } hidden } }", id=id)
    assert found["orderPreview"] == {"percent": 10, "pace": {"percent": 20}, "hidden": 7}


def test_nobody_is_asked_where_there_is_no_output(paced: Shop) -> None:
    absent = "T3JkZXI6MDE5OWE4YzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw"
    found = paced.execute("query($id: ID!) { orderPreview(id: $id) { pace { percent } } }", id=absent)
    assert found["data"] == {"orderPreview": None}
    assert CALLS == []


def test_without_its_permission_the_field_alone_is_missing(paced: Shop) -> None:
    clerk = paced.acting_with("shop.read")
    found = clerk.execute('{ order(number: "SO-1") { progress { percent hidden } } }')
    assert found["data"] == {"order": {"progress": {"percent": 50, "hidden": None}}}
    [error] = found["errors"]
    assert error["path"] == ["order", "progress", "hidden"]
    assert error["extensions"] == {"code": "FORBIDDEN", "permission": "pace.read"}


def test_a_broken_field_fails_for_each_output_alone(paced: Shop) -> None:
    found = paced.execute("{ orders { nodes { progress { percent broken } } } }")
    assert [node["progress"] for node in found["data"]["orders"]["nodes"]] == [{"percent": 50, "broken": None}] * 3
    assert [error["path"] for error in found["errors"]] == [
        ["orders", "nodes", number, "progress", "broken"] for number in range(3)
    ]
    for error in found["errors"]:
        assert error["extensions"]["code"] == "MODULE_FAILED"
        assert "failed in Progress.broken" in error["message"]
    assert "passwd" not in str(found)


def test_an_error_that_it_raises_on_purpose_keeps_its_code(paced: Shop) -> None:
    [error] = paced.execute('{ order(number: "SO-1") { progress { missing } } }')["errors"]
    assert error["message"] == "There is no pace."
    assert error["extensions"] == {"code": "NOT_FOUND", "module": "kernel"}  # the tests' package


def test_the_number_of_values_is_checked(paced: Shop) -> None:
    found = paced.execute('{ order(number: "SO-1") { progress { uneven } } }')
    assert found["data"] == {"order": {"progress": {"uneven": None}}}
    [error] = found["errors"]
    assert error["extensions"]["code"] == "MODULE_FAILED"


def test_a_null_that_is_not_allowed_removes_its_output_and_goes_up(paced: Shop) -> None:
    found = paced.execute("{ orders { nodes { number progress { steps { must } } } } }")
    assert found["data"] is None
    [error] = found["errors"]
    assert error["path"] == ["orders", "nodes", 1, "progress", "steps", 0, "must"]
    assert error["extensions"]["code"] == "INTERNAL"


def test_a_list_of_outputs_counts_in_the_cost(paced: Shop) -> None:
    def cost(selection: str) -> int:
        document = f"{{ orders(first: 3) {{ nodes {{ progress {{ {selection} }} }} }} }}"
        return int(paced.execute(document)["extensions"]["cost"])

    plain, added = cost("steps { name }"), cost("steps { name buyer { code } }")
    assert added - plain == 3 * 10 * 2  # three orders, ten steps each as an estimate, two fields


def test_where_the_module_is_disabled_there_is_no_such_field(shop: Shop, paced: Shop) -> None:
    [error] = shop.execute("{ orders { nodes { progress { pace { percent } } } } }")["errors"]
    assert error["message"].startswith("Cannot query field 'pace' on type 'Progress'.")
    assert "type Pace" not in shop.scope.composition.schema.sdl
    assert "How fast it goes." in paced.scope.composition.schema.sdl
    paced.disable("pace")
    assert "errors" in paced.execute("{ orders { nodes { progress { pace { percent } } } } }")
    paced.enable("pace")
    assert "errors" not in paced.execute("{ orders { nodes { progress { pace { percent } } } } }")


# --- what is refused when a schema is built -----------------------------------------------------


@output
class Elsewhere:
    """An output of a module that nobody enabled."""

    value: int


Elsewhere.__module__ = "acme_elsewhere.types"


def _numbers(ctx: Context, items: Sequence[Any]) -> list[int]:
    """A number for each."""
    return [1 for _ in items]


def _extension(target: type[Any], **fields: Any) -> Any:
    return extend(target)(type("Added", (), {"__doc__": "Adds.", "__module__": __name__, **fields}))


def declared_here(item: Any) -> Declarations:
    """Declarations of a python module that holds this."""
    module = ModuleType(__name__)
    setattr(module, item.__name__, item)
    return collect_declarations(module)


def _by_id(ctx: Context, items: Sequence[Any]) -> dict[Any, int]:
    """By id."""
    return {}


REFUSED: dict[str, tuple[Any, str]] = {
    "own field": (_extension(types.Progress, percent=batch()(_numbers)), "field Progress.percent is declared by"),
    "attribute": (_extension(types.Progress, far=batch(requires=["far"])(_numbers)), "Progress has no attribute 'far'"),
    "relation": (_extension(types.Progress, orders=to_many("order_id")), "extends the output Progress: contribute @b"),
    "column": (_extension(types.Progress, __annotations__={"far": int}), "extends the output Progress: contribute @b"),
    "by id": (_extension(types.Progress, far=batch()(_by_id)), "outputs have no ids; return list"),
    "object by object": (_extension(types.Progress, far=_numbers), "computed object by object"),
    "elsewhere": (_extension(Elsewhere, far=batch()(_numbers)), "put the extension into bridges/acme_elsewhere.py"),
}


@pytest.mark.parametrize(("item", "text"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_contribution_is_named(item: Any, text: str) -> None:
    with pytest.raises(SetupError) as caught:
        built(("acme", declared_here(item)))
    assert text in caught.value.message


def test_two_modules_may_not_add_the_same_field() -> None:
    one, other = (_extension(types.Progress, far=batch()(_numbers)) for _ in range(2))
    with pytest.raises(SetupError, match=r"field Progress\.far is declared by acme and by beta; rename one"):
        built(("acme", declared_here(one)), ("beta", declared_here(other)))


def test_what_is_extended_must_be_declared_here() -> None:
    with pytest.raises(SetupError, match="@extend needs a class declared with @node or @output"):
        _extension(models.Order, far=batch()(_numbers))


def test_contributions_differ_by_composition() -> None:
    extended = built(("acme", declared_here(_extension(types.Progress, far=batch()(_numbers)))))
    assert "far" in extended.core.type_map["Progress"].fields  # type: ignore[attr-defined]
    assert "far" not in built().core.type_map["Progress"].fields  # type: ignore[attr-defined]
