"""Rules about company: a module works alone with what it requires, and beside every other installed one."""

from __future__ import annotations

from huikuan.errors import HuikuanError
from huikuan.testing.conformance_subject import Rules, Subject, compositions, installed, listed

__all__ = ["PartnerRules"]


class PartnerRules(Rules):
    """Every composition that holds the module can be put together, schema included."""

    def test_it_composes_with_nothing_but_what_it_requires(self, subject: Subject) -> None:
        assert _composes(subject.closure) is None, f"{subject.name} does not work alone"

    def test_it_composes_with_each_other_module(self, subject: Subject) -> None:
        sets = {subject.closure | installed().closure([other.name]) for other in subject.others}
        faults = [fault for names in sets if (fault := _composes(names)) is not None]
        assert not faults, f"{subject.name} does not work beside others:{listed(faults)}"

    def test_it_composes_with_everything_installed(self, subject: Subject) -> None:
        assert _composes(installed().names) is None

    def test_every_bridge_leads_to_a_module_it_does_not_require(self, subject: Subject) -> None:
        needless = sorted(subject.installed.bridges.keys() & subject.closure)
        assert not needless, f"bridges/{needless[0]}.py is always there: move it to hooks.py or graphql.py"


def _composes(names: frozenset[str]) -> str | None:
    """Why these modules cannot be put together, schema included; None if they can."""
    try:
        _ = compositions().get(names).schema
    except HuikuanError as error:
        return f"{', '.join(sorted(names))}: {error.message}"
    return None
