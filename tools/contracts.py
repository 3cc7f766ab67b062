"""Import contract of the modules: who may reach into whom.

import-linter's own `protected` contract needs every private file of every module by name; this one reads the
modules' declarations instead, so a new module or a new file is covered without another line.
"""

import grimp
from importlinter import Contract, ContractCheck, fields, output

from tools.imports import KERNEL, fault, required
from tools.workspace import members, package


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
