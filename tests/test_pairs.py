"""Every pair of modules is disabled and enabled again in turn: no data is lost, and what is left works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import pytest

from huikuan.catalog import ModuleCatalog
from huikuan.testing.shop import Shop
from tests.isolation.canaries import fingerprint
from tests.test_subsets import OURS
from tests.trading import trade


def pairs(catalog: ModuleCatalog) -> Iterator[tuple[str, str]]:
    """Every two modules; of pairs that take the same others with them, one."""
    seen = set()
    for pair in combinations(sorted(OURS), 2):
        gone = frozenset(pair).union(*(catalog.dependants(module, OURS) for module in pair))
        if gone not in seen:
            seen.add(gone)
            yield pair


def tables(shop: Shop, modules: frozenset[str]) -> dict[str, str]:
    """A hash of each table of these modules."""
    scope = shop.scope
    found = fingerprint(shop.kernel.database, scope.tenant.id, modules)
    return {table: hashed for table, hashed in found.items() if not table.startswith("kernel_")}


@pytest.mark.parametrize("share", [pytest.param(2, id="shared"), pytest.param(1, id="whole", marks=pytest.mark.soak)])
def test_every_pair_goes_and_comes_back(
    app_with: Callable[..., Shop], installed_modules: ModuleCatalog, share: int
) -> None:
    """Each pair on one of the databases; in a soak on both."""
    catalog = ModuleCatalog(installed_modules.ordered(OURS))
    shop = app_with(*OURS, catalog=catalog)
    trade(shop, 0)
    shop.work()
    assert not shop.check()
    first = ["sqlite", "postgresql"].index(shop.dialect) % share
    chosen = list(pairs(catalog))[first::share]
    for number, pair in enumerate(chosen, start=1):
        before = tables(shop, OURS)
        for module in pair:
            assert shop.disable(module, with_dependants=True).done
        left = shop.scope.composition.names & OURS
        gone = OURS - left
        assert gone >= set(pair)
        assert tables(shop, OURS) == before, f"{pair} take data with them"
        assert set(trade(shop, number)) == left
        shop.work()
        assert not shop.check(), f"without {pair}"
        assert tables(shop, gone) == {table: before[table] for table in tables(shop, gone)}, "what is absent is at rest"
        for back in catalog.ordered(gone):
            assert shop.enable(back.name).done
        shop.work()
        assert shop.scope.composition.names >= OURS
        assert not shop.check(), f"after {pair} came back"
    assert set(trade(shop, number + 1)) == OURS
    assert not shop.check()
