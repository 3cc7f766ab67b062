"""The rules between modules that import-linter applies to every import of the workspace."""

import pytest

from tools.imports import fault, required

PUBLIC = {"api", "errors", "events", "hookspecs", "snapshots", "testing", "types"}
REQUIRES = {"huikuan_orders": {"huikuan", "huikuan_customers"}, "huikuan_credit": {"huikuan"}}


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("huikuan_orders.commands", "huikuan_customers.api"),
        ("huikuan_orders.models", "huikuan_customers.types.customer"),
        ("huikuan_orders.commands", "huikuan_customers"),
        ("huikuan_credit.bridges.orders", "huikuan_orders.api"),
        ("huikuan_credit.bridges.orders.exposure", "huikuan_orders.snapshots"),
        ("huikuan_credit.testing", "huikuan_orders.testing"),
    ],
)
def test_public_parts_of_what_is_required_or_bridged_are_open(importer: str, imported: str) -> None:
    assert fault(importer, imported, PUBLIC, REQUIRES) is None


@pytest.mark.parametrize("part", ["models", "commands", "queries", "states", "bridges.credit"])
def test_private_parts_are_closed_even_to_those_who_require_the_module(part: str) -> None:
    reason = fault("huikuan_orders.commands", f"huikuan_customers.{part}", PUBLIC, REQUIRES)
    assert reason == f"huikuan_customers.{part} is private to huikuan_customers"


@pytest.mark.parametrize(
    "importer", ["huikuan_credit.commands", "huikuan_credit.bridges.invoicing", "huikuan_credit.orders"]
)
def test_an_undeclared_module_is_closed_outside_its_own_bridge(importer: str) -> None:
    reason = fault(importer, "huikuan_orders.api", PUBLIC, REQUIRES)
    assert reason is not None
    assert "huikuan_credit does not require huikuan_orders" in reason


def test_requirements_are_read_from_the_distribution() -> None:
    assert required("huikuan") == set()
    assert required("huikuan-orders") == {"huikuan", "huikuan_customers", "huikuan_products"}
