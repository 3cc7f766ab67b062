"""The conformance suite says which rules a module breaks, and passes one that breaks none."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from huikuan.cli.new_module import write_module

NAME = "conformance_subject"
SUITE = f'''
from huikuan.testing.conformance import ModuleConformance


class TestSubject(ModuleConformance):
    module = "{NAME}"

    def fill(self, shop):
        shop.mutate("conformanceSubjectNoteAdd", code="N-1", text="Here.")
'''


@dataclass(frozen=True)
class Breach:
    """One rule broken: a text in a file of the module is replaced, and a test must notice."""

    file: str
    old: str
    new: str
    noticed: frozenset[str]


def breach(file: str, old: str, new: str, *noticed: str) -> Breach:
    return Breach(file, old, new, frozenset(noticed))


BREACHES = [
    breach(
        "__init__.py",
        "from huikuan import",
        "import sqlalchemy\nfrom huikuan import",
        "test_importing_the_package_is_cheap",
    ),
    breach("__init__.py", '"Read notes"', '""', "test_the_manifest_is_complete"),
    breach("__init__.py", f'("{NAME}.read", ', f'("{NAME}.gone", ', "test_every_role_grants_permissions_that_exist"),
    breach(
        "commands.py",
        f'permission="{NAME}.write", idempotency="natural")\ndef {NAME}_note_add',
        f'permission=None, idempotency="natural")\ndef {NAME}_note_add',
        "test_every_mutation_has_a_permission",
    ),
    breach(
        "commands.py",
        "    _check_text(text)",
        "    import json\n    _check_text(text)",
        "test_no_import_stands_in_a_function",
    ),
    breach(
        "commands.py",
        "from __future__ import annotations\n",
        "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from huikuan_elsewhere.models import Thing\n",
        "test_only_required_modules_are_imported",
        "test_only_public_parts_are_imported",
    ),
    breach("hookspecs.py", "ctx: Context, code: str,", "ctx: Context, code,", "test_every_hook_is_typed"),
    breach("hookspecs.py", "Whether a note may be added.\n", 'Whether."""\n    """\n', "test_every_hook_is_documented"),
    breach("models.py", 'unique("code"),', 'unique("code"), unique("text"),', "test_migrations_match_the_models"),
    breach(
        "migrations/0001_notes.py",
        "op.create_tenant_table(",
        "op.create_table(",
        "test_every_table_is_fenced_on_postgresql",
    ),
    breach(
        "errors.py",
        f'"{NAME.upper()}_CODE_TAKEN"',
        '"CODE_TAKEN"',
        "test_tables_and_refusal_codes_carry_the_name_of_the_module",
        "test_the_readme_lists_exactly_what_there_is[refusals]",
    ),
    breach(
        "../../README.md",
        f"- `{NAME}.read`",
        f"- `{NAME}.reed`",
        "test_the_readme_lists_exactly_what_there_is[permissions]",
    ),
]
UNUSED = {"test_every_hook_has_an_implementation_or_a_test"}


def test_a_new_module_breaks_no_rule_but_that_its_hook_waits_for_a_user(tmp_path: Path) -> None:
    folder = write_module(tmp_path, NAME, requires=[])

    assert failures(folder) <= UNUSED


def test_each_breach_is_noticed_and_nothing_else_is_blamed(tmp_path: Path) -> None:
    folder = write_module(tmp_path, NAME, requires=[])
    for item in BREACHES:
        path = folder / "src" / NAME / item.file
        text = path.read_text()
        assert item.old in text, f"{item.file} holds no {item.old!r}"
        path.write_text(text.replace(item.old, item.new, 1))

    noticed = frozenset[str]().union(*(item.noticed for item in BREACHES))
    assert failures(folder) - UNUSED == noticed


def failures(folder: Path) -> set[str]:
    """Names of the rules that fail, without the database they were tried on."""
    site = folder / "site"
    info = site / f"{NAME}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 0.1.0\nRequires-Dist: huikuan\n")
    (info / "entry_points.txt").write_text(f"[huikuan.modules]\n{NAME} = {NAME}:module\n")
    (folder / "tests" / "test_suite.py").write_text(SUITE)
    paths = [str(site), str(folder / "src"), *filter(None, sys.path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rf", "--tb=short", "-p", "no:cacheprovider", "tests/test_suite.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"\d+ passed", done.stdout), done.stdout + done.stderr
    sys.stderr.write(done.stdout)  # pytest shows it where a test fails
    found = re.findall(r"^FAILED \S+::(\w+(?:\[[^\]]+\])?)", done.stdout, re.MULTILINE)
    return {re.sub(r"\[(sqlite|postgresql)\]", "", name) for name in found}
