"""Import contract of the modules: who may reach into whom.

import-linter's own `protected` contract needs every private file of every module by name; this one reads the
modules' declarations instead, so a new module or a new file is covered without another line.
"""

import re

import grimp
from importlinter import Contract, ContractCheck, fields, output

from tools.workspace import members, package, read

KERNEL = "huikuan"


def required(distribution: str) -> set[str]:
    """Packages of the workspace that a distribution declares as its dependencies."""
    declared: list[str] = read(members()[distribution] / "pyproject.toml")["project"]["dependencies"]
    names = {re.split(r"[^A-Za-z0-9-]", line, maxsplit=1)[0] for line in declared}
    return {package(name) for name in names & members().keys()}


def fault(importer: str, imported: str, public: set[str], requires: dict[str, set[str]]) -> str | None:
    """What is wrong with one import between two packages, if anything."""
    owner, _, rest = imported.partition(".")
    if rest and rest.split(".")[0] not in public:
        return f"{imported} is private to {owner}"
    top, *inside = importer.split(".")
    bridge = inside[:2] == ["bridges", owner.removeprefix(f"{KERNEL}_")]
    if owner not in requires[top] and not bridge and inside[:1] != ["testing"]:
        return f"{top} does not require {owner}: declare it, or move the import to bridges/"
    return None


class ModulePartsContract(Contract):
    """Across modules only `public` files are imported, and only of a declared requirement or from its bridge.

    Files of the kernel are all open to modules: its own ``__init__`` files say what is public there.
    """

    type_name = "module_parts"
    public = fields.SetField(subfield=fields.StringField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        packages = {package(name): required(name) for name in members()}
        modules = {name: graph.find_descendants(name) | {name} for name in packages}
        public: set[str] = set(self.public)  # type: ignore[call-overload]
        faults = [
            f"{importer} -> {imported}: {reason}"
            for top, inside in modules.items()
            for importer in sorted(inside)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported.partition(".")[0] not in (top, KERNEL)
            and (reason := fault(importer, imported, public, packages)) is not None
        ]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["faults"]:
            output.print_error(f"- {line}", bold=False)
        output.new_line()
