"""Rules about hooks: each is documented, typed, and known to work."""

from __future__ import annotations

import ast
import inspect

import pytest

from huikuan.testing.conformance_subject import Rules, Subject, compositions, installed, listed

__all__ = ["HookRules"]


class HookRules(Rules):
    """The hookspecs are a contract: text, types, and somebody who uses them."""

    def test_every_hook_is_documented(self, subject: Subject) -> None:
        specs = subject.alone.bus.specs
        faults = [name for name in subject.hooks if len((specs[name].function.__doc__ or "").split()) < 8]
        assert not faults, (
            "a hook's docstring is its contract: say the kind, when it fires, what each argument is and what may "
            f"be returned:{listed(faults)}"
        )

    def test_every_hook_is_typed(self, subject: Subject) -> None:
        faults = []
        for name in subject.hooks:
            signature = inspect.signature(subject.alone.bus.specs[name].function)
            untyped = [item.name for item in signature.parameters.values() if item.annotation is item.empty]
            untyped += ["return"] if signature.return_annotation is signature.empty else []
            faults += [f"{name}: {item}" for item in untyped]
        assert not faults, f"hooks have a type for each argument and for what they return:{listed(faults)}"

    def test_every_hook_has_an_implementation_or_a_test(self, subject: Subject) -> None:
        everything = compositions().get(installed().names).bus
        lonely = {name for name in subject.hooks if not everything.implementations(name)}
        if lonely and subject.root is None:
            pytest.skip(f"the tests of {subject.name} are not here")
        tested = _functions_of_tests(subject) if lonely else set()
        faults = {hook for hook in lonely if not any(name == hook or f"test_{hook}" in name for name in tested)}
        assert not faults, (
            "a hook that nobody has used may not work: implement it in some module or in tests/, or write a test "
            f"called test_<hook>:{listed(faults)}"
        )

    def test_every_implementation_takes_what_its_hook_gives(self, subject: Subject) -> None:
        bus = compositions().get(installed().names).bus
        faults = [
            f"{name}({', '.join(it.arguments)}) of {subject.name}, the hook has {', '.join(spec.arguments)}"
            for name, spec in bus.specs.items()
            for it in bus.implementations(name)
            if it.module == subject.name and not set(it.arguments) <= set(spec.arguments)
        ]
        assert not faults, f"implementations with arguments that are not there:{listed(faults)}"


def _functions_of_tests(subject: Subject) -> set[str]:
    """Names of the functions in the module's tests/."""
    assert subject.root is not None
    return {
        node.name
        for path in (subject.root / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
