"""What the conformance rules look at: one installed module, its code, its source tree and its compositions."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import ClassVar

import pytest
from graphql import GraphQLSchema

from huikuan.catalog import ENTRY_POINTS, InstalledModule, ModuleCatalog
from huikuan.composition import Composition, Compositions
from huikuan.core.module import KERNEL, kernel_module
from huikuan.db import Base, TenantModel
from huikuan.errors import SetupError
from huikuan.manifest import Module

__all__ = ["Rules", "Subject", "compositions", "installed", "listed"]


@cache
def compositions() -> Compositions:
    """Compositions of what is installed, each put together once."""
    return Compositions(ModuleCatalog.discover())


def installed() -> ModuleCatalog:
    """The modules installed in the environment of the tests."""
    return compositions().catalog


def listed(faults: list[str] | set[str]) -> str:
    """Faults one below the other, for a failure's message."""
    return "\n".join(["", *(f"  - {fault}" for fault in sorted(faults))])


@dataclass(frozen=True, repr=False)
class Subject:
    """The module under test."""

    installed: InstalledModule

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    @classmethod
    @cache
    def named(cls, name: str) -> Subject:
        """The installed module of this name."""
        return cls(kernel_module() if name == KERNEL.name else installed().get(name))

    @property
    def name(self) -> str:
        return self.installed.name

    @property
    def package(self) -> str:
        return self.installed.package

    @property
    def manifest(self) -> Module:
        return self.installed.manifest

    @property
    def directory(self) -> Path:
        """The folder of its package."""
        return self.installed.directory

    # --- what it is put together with --------------------------------------------------------

    @cached_property
    def closure(self) -> frozenset[str]:
        """Itself and all it requires; nothing for the kernel, which is always there."""
        return frozenset() if self.name == KERNEL.name else installed().closure([self.name])

    @cached_property
    def catalog(self) -> ModuleCatalog:
        """A catalog of nothing but itself and what it requires."""
        return ModuleCatalog(installed().ordered(self.closure))

    @cached_property
    def alone(self) -> Composition:
        """The module with what it requires."""
        return compositions().get(self.closure)

    @cached_property
    def schema(self) -> GraphQLSchema:
        """The schema of the module with what it requires."""
        return self.alone.schema.core

    @cached_property
    def base(self) -> GraphQLSchema | None:
        """The schema of what it requires, without it; None for the kernel."""
        return compositions().get(self.closure - {self.name}).schema.core if self.closure else None

    @cached_property
    def others(self) -> tuple[InstalledModule, ...]:
        """Every other installed module that it does not require."""
        return tuple(module for module in installed() if module.name not in self.closure)

    # --- what it holds -----------------------------------------------------------------------

    @cached_property
    def models(self) -> tuple[type[TenantModel], ...]:
        """Its models of tenants' rows."""
        tables = Base.metadata.tables  # a test's own models may stand in another
        found = [
            mapper.class_
            for mapper in Base.registry.mappers
            if issubclass(mapper.class_, TenantModel)
            and (table := tables.get(mapper.class_.__tablename__)) is not None
            and table.info.get("module") == self.name
        ]
        return tuple(sorted(found, key=lambda model: model.__name__))

    @property
    def hooks(self) -> list[str]:
        """Names of the hooks that it offers."""
        return sorted(name for name, spec in self.alone.bus.specs.items() if spec.owner == self.name)

    def python_files(self) -> Iterator[tuple[Path, ast.Module]]:
        """Its code, by path within the package; migrations stand apart."""
        for path in sorted(self.directory.rglob("*.py")):
            inside = path.relative_to(self.directory)
            if inside.parts[0] != "migrations":
                yield inside, ast.parse(path.read_text(encoding="utf-8"), str(path))

    def texts(self) -> set[str]:
        """Every text constant of its code, the manifest's aside."""
        return {
            node.value
            for path, tree in self.python_files()
            if path != Path("__init__.py")
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    # --- where it comes from -----------------------------------------------------------------

    @cached_property
    def distribution(self) -> Distribution | None:
        """The installed distribution that brings it; None if it was put on the path by hand."""
        for found in distributions():
            for point in found.entry_points:
                if point.group == ENTRY_POINTS and point.name == self.name:
                    return found
        return None

    @cached_property
    def root(self) -> Path | None:
        """The folder with its pyproject.toml, or None where only the installed package is there."""
        for folder in [self.directory, *self.directory.parents][:4]:
            file = folder / "pyproject.toml"
            if file.is_file():
                points = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {}).get("entry-points", {})
                known = {*points.get(ENTRY_POINTS, {}), KERNEL.name}
                return folder if self.name in known else None
        return None

    @property
    def readme(self) -> str | None:
        """The text of its README, from the source tree or from the installed distribution."""
        if self.root is not None and (self.root / "README.md").is_file():
            return (self.root / "README.md").read_text(encoding="utf-8")
        if self.distribution is not None:
            text = self.distribution.metadata.get_payload()  # type: ignore[attr-defined]
            return str(text) if text else None
        return None


class Rules:
    """Base of the rules: which module they are about."""

    module: ClassVar[str]

    @pytest.fixture
    def subject(self) -> Subject:
        """The module under test; a module that was refused fails here with its reason."""
        try:
            return Subject.named(self.module)
        except SetupError as error:
            pytest.fail(error.message, pytrace=False)
