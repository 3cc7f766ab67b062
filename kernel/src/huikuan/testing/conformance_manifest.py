"""Rules about the manifest, the names a module takes, and its README."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection

import pytest

from huikuan.manifest import Module
from huikuan.testing.conformance_readme import NAMES, named_in
from huikuan.testing.conformance_subject import Rules, Subject, installed, listed

__all__ = ["ManifestRules"]

HEAVY = ("alembic", "graphql", "psycopg", "sqlalchemy", "starlette", "strawberry", "uvicorn")
_LOADED = "import json, sys; __import__(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"
_DISTRIBUTION = re.compile(r"[A-Za-z0-9._-]+")


class ManifestRules(Rules):
    """The manifest is complete and cheap, names carry the module's prefix, the README tells what is there."""

    def test_the_manifest_is_complete(self, subject: Subject) -> None:
        manifest = subject.manifest
        faults = [f"{name} is empty" for name in ("title", "description") if not getattr(manifest, name).strip()]
        faults += [f"permission {name} has no description" for name, text in manifest.permissions.items() if not text]
        faults += [f"setting {name} has no description" for name, it in manifest.settings.items() if not it.description]
        assert not faults, f"the manifest of {subject.name} is incomplete:{listed(faults)}"

    def test_every_role_grants_permissions_that_exist(self, subject: Subject) -> None:
        known = subject.alone.permissions
        roles = subject.manifest.roles
        faults = [f"{role}: {name}" for role, granted in roles.items() for name in granted if name not in known]
        assert not faults, f"roles grant what no manifest declares:{listed(faults)}"

    def test_importing_the_package_is_cheap(self, subject: Subject) -> None:
        done = subprocess.run(
            [sys.executable, "-c", _LOADED, subject.package],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"import {subject.package} fails:\n{done.stderr}"
        loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
        heavy = loaded.intersection(HEAVY)
        assert not heavy, (
            f"import {subject.package} loads {', '.join(sorted(heavy))}; its __init__.py holds the manifest and "
            "nothing else, so that listing modules stays quick"
        )

    def test_the_distribution_depends_on_what_the_manifest_requires(self, subject: Subject) -> None:
        if subject.distribution is None:
            pytest.skip(f"no installed distribution brings {subject.name}")
        depends = {
            _normal(match.group())
            for line in subject.distribution.requires or ()
            if "extra ==" not in line and (match := _DISTRIBUTION.match(line))
        }
        needed = {distribution_of(name) for name in subject.manifest.requirements()} | {"huikuan"}
        bridged = {distribution_of(name) for name in subject.installed.bridges if name in installed()} - needed
        missing, extra = needed - depends, bridged & depends
        assert not missing, f"pyproject.toml lacks the dependencies {', '.join(sorted(missing))}"
        assert not extra, f"{', '.join(sorted(extra))} is only bridged: take it out of the dependencies"

    def test_tables_and_refusal_codes_carry_the_name_of_the_module(self, subject: Subject) -> None:
        faults = [
            f"table {model.__tablename__} must start with '{subject.name}_'"
            for model in subject.models
            if not model.__tablename__.startswith(f"{subject.name}_")
        ]
        prefix = f"{subject.name.upper()}_"
        faults += [f"code {code} must start with '{prefix}'" for code in codes(subject) if not code.startswith(prefix)]
        assert not faults, f"names of {subject.name} may clash with those of others:{listed(faults)}"

    def test_no_other_module_claims_its_nouns(self, subject: Subject) -> None:
        own = set(subject.manifest.claimed_nouns)
        clashes = {
            f"{noun} is claimed by {other.name} too"
            for other in installed()
            if other.name != subject.name
            for noun in own.intersection(other.manifest.claimed_nouns)
        }
        assert not clashes, f"nouns of {subject.name}:{listed(clashes)}"

    @pytest.mark.parametrize("kind", NAMES)
    def test_the_readme_lists_exactly_what_there_is(self, subject: Subject, kind: str) -> None:
        if subject.readme is None:
            pytest.skip(f"{subject.name} has no README here")
        told, real = named_in(subject.readme, kind), set(_real(subject, kind))
        faults = {f"{name} is missing" for name in real - told} | {f"{name} does not exist" for name in told - real}
        assert not faults, (
            f"README.md, {NAMES[kind].label}: list each in backticks, in a table row or under a heading "
            f"of that name:{listed(faults)}"
        )


def codes(subject: Subject) -> list[str]:
    """Refusal codes that the module declares."""
    return [code for code, (_, owner) in subject.alone.codes.items() if owner == subject.name]


def distribution_of(module: str) -> str:
    """The name of the distribution that brings a module."""
    found = Subject.named(module).distribution
    return _normal(found.name) if found is not None else f"huikuan-{_normal(module)}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _real(subject: Subject, kind: str) -> Collection[str]:
    manifest: Module = subject.manifest
    events = [event.__name__ for event, owner in subject.alone.events.values() if owner == subject.name]
    bus = subject.alone.bus
    implemented = [name for name in bus.specs if any(it.module == subject.name for it in bus.implementations(name))]
    found: dict[str, Collection[str]] = {
        "permissions": manifest.permissions,
        "settings": manifest.settings,
        "events": events,
        "refusals": codes(subject),
        "hooks offered": subject.hooks,
        "hooks implemented": implemented,
    }
    return found[kind]
