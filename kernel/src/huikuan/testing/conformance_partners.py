"""Rules about company: a module works alone with what it requires, and beside every other installed one."""

from __future__ import annotations

import pytest

from huikuan.errors import HuikuanError
from huikuan.testing.conformance_subject import Rules, Subject, compositions, installed

__all__ = ["PartnerRules"]


class PartnerRules(Rules):
    """Every composition that holds the module can be put together, schema included."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "partner" in metafunc.fixturenames:
            known = self.module in installed()
            metafunc.parametrize("partner", [it.name for it in Subject.named(self.module).others] if known else [])

    def test_it_composes_with_nothing_but_what_it_requires(self, subject: Subject) -> None:
        _compose(subject.closure)

    def test_it_composes_with(self, subject: Subject, partner: str) -> None:
        _compose(subject.closure | installed().closure([partner]))

    def test_it_composes_with_everything_installed(self, subject: Subject) -> None:
        _compose(installed().names | subject.closure)

    def test_every_bridge_leads_to_a_module_it_does_not_require(self, subject: Subject) -> None:
        needless = subject.installed.bridges.keys() & (subject.closure | {subject.name})
        assert not needless, f"bridges/{sorted(needless)[0]}.py is always there: move it to hooks.py or graphql.py"


def _compose(names: frozenset[str]) -> None:
    try:
        _ = compositions().get(names).schema
    except HuikuanError as error:
        pytest.fail(f"{', '.join(sorted(names))} cannot be put together: {error.message}", pytrace=False)
