"""Rules about data: it outlives that its module is disabled."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

import pytest

from huikuan.testing.conformance_permissions import row_counts
from huikuan.testing.conformance_subject import Rules, Subject
from huikuan.testing.shop import Shop

__all__ = ["DataRules"]


class DataRules(Rules):
    """Disabling takes a module out of the composition, and nothing out of the database."""

    def fill(self, shop: Shop) -> None:
        """Make some rows of the module; by default with ``example()`` of its builders in testing.py."""
        package = Subject.named(self.module).package
        if importlib.util.find_spec(f"{package}.testing") is not None:
            for name in getattr(importlib.import_module(f"{package}.testing"), "builders", ()):
                getattr(getattr(shop, name), "example", lambda: None)()

    def test_disabling_and_enabling_keeps_the_data(self, subject: Subject, app_with: Callable[..., Shop]) -> None:
        shop = app_with(subject.name, catalog=subject.catalog)
        self.fill(shop)
        shop.work()
        before = row_counts(shop, subject)
        assert shop.disable(subject.name).done
        shop.work()
        assert subject.name not in shop.scope.composition.names
        assert shop.enable(subject.name).done
        shop.work()
        assert row_counts(shop, subject) == before, "rows differ after disabling and enabling"
        assert shop.check() == [], "disabling and enabling broke an invariant"
        if subject.models and not any(before.values()):
            pytest.skip(f"only tried without rows; make some in {type(self).__name__}.fill(shop)")
