"""A module's chain of revisions on disk, and the order in which modules follow each other."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory

from huikuan.db.migration_errors import MigrationError

__all__ = ["ENVIRONMENT", "KERNEL", "KERNEL_SOURCE", "MigrationSource", "in_order", "script_of", "steps_to_head"]

KERNEL = "kernel"
ENVIRONMENT = Path(__file__).parent.parent / "migrations"


@dataclass(frozen=True, slots=True)
class MigrationSource:
    """The migrations of one module: the folder of its revisions, and the modules it requires."""

    module: str
    directory: Path
    requires: tuple[str, ...] = ()

    @property
    def version_table(self) -> str:
        return f"alembic_version_{self.module}"


KERNEL_SOURCE = MigrationSource(KERNEL, ENVIRONMENT / "versions")


def in_order(sources: Sequence[MigrationSource]) -> list[MigrationSource]:
    """Sort by requirement, then by name; the kernel is required by all."""
    by_name = {source.module: source for source in sources}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for source in sorted(sources, key=lambda s: s.module):
        missing = sorted(set(source.requires) - by_name.keys())
        if missing:
            raise MigrationError(f"Module {source.module} requires {', '.join(missing)}, which is not installed.")
        kernel = {KERNEL} & by_name.keys() - {source.module}
        sorter.add(source.module, *source.requires, *kernel)
    try:
        return [by_name[name] for name in _levels(sorter)]
    except CycleError as error:
        raise MigrationError(f"Modules require each other in a circle: {' -> '.join(error.args[1])}.") from error


def _levels(sorter: TopologicalSorter[str]) -> list[str]:
    sorter.prepare()
    names: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        names += ready
        sorter.done(*ready)
    return names


def script_of(source: MigrationSource) -> ScriptDirectory:
    """The module's chain as Alembic reads it; two revisions of one number are an error."""
    script = ScriptDirectory(
        ENVIRONMENT,
        file_template="%(rev)s_%(slug)s",
        version_locations=[source.directory],
        messaging_opts={"quiet": True},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        try:
            heads = script.get_heads()
        except UserWarning as error:
            raise MigrationError(
                f"Module {source.module}: {error} in {source.directory}. Give one of them the next number."
            ) from error
    if len(heads) > 1:
        raise MigrationError(
            f"Module {source.module}: {' and '.join(sorted(heads))} both follow the same revision. "
            "Let one of them follow the other."
        )
    return script


def steps_to_head(script: ScriptDirectory, heads: Sequence[str]) -> list[RevisionStep]:
    """The steps from what a database has to the newest revision."""
    head = script.get_current_head()
    return list(script._upgrade_revs(head, tuple(heads))) if head else []  # type: ignore[arg-type]
