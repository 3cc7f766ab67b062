"""What the documents print is true: their files run, their requests are answered, their commands exist."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, parse, validate

from huikuan.catalog import ModuleCatalog
from huikuan.cli.entry import _parser as parser_for
from huikuan.commands import Surface
from huikuan.composition import compose
from huikuan.context import session_of
from huikuan.core.feed import cursor_of, read_on
from huikuan.graphql.subscriptions import Opened, begin, execute_event
from huikuan.importing import load_mapping
from huikuan.importing_commands import import_file
from huikuan.testing.shop import Shop
from tools.docs import documents
from tools.examples import Request, blocks, commands, files, requests
from tools.settings_doc import TARGET, with_table
from tools.workspace import ROOT

DOCS = ROOT / "docs"
WITH_REQUESTS = (ROOT / "README.md", ROOT / "README.zh-CN.md", DOCS / "graphql.md", DOCS / "tutorial.md")
AppWith = Callable[..., Shop]


# --- writing-a-module.md, growing-a-module.md --------------------------------------------------------


@pytest.mark.parametrize("guides", [("writing-a-module",), ("writing-a-module", "growing-a-module")], ids="+".join)
def test_the_module_of_the_guide_passes_its_own_tests(tmp_path: Path, guides: tuple[str, ...]) -> None:
    for name, text in [shown for guide in guides for shown in files(DOCS / f"{guide}.md").items()]:
        write(tmp_path / name, text)
    write(tmp_path / "src" / "acme_deposit" / "py.typed", "")
    install(tmp_path)

    ran = run_pytest(tmp_path)

    assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr[-2_000:]
    assert " passed" in ran.stdout


def install(folder: Path) -> None:
    """What an installer leaves beside the package: its name, version and entry points."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / "src" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    requires = "".join(f"Requires-Dist: {needed}\n" for needed in project["dependencies"])
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    write(info / "METADATA", head + requires)
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in named.items())
        for group, named in project["entry-points"].items()
    )
    write(info / "entry_points.txt", points)


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "--rootdir", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [*command, str(folder / "tests")], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- import.md -------------------------------------------------------------------------------------


def test_the_import_of_the_guide_says_what_the_guide_says(app_with: AppWith, tmp_path: Path) -> None:
    shown = files(DOCS / "import.md")
    for name in ("articles.csv", "articles.toml"):
        write(tmp_path / name, shown[name])
    shop = app_with("products")
    importer = shop.scope.composition.importers["products"][0]

    def run() -> str:
        mapping, report = load_mapping(tmp_path / "articles.toml"), Path("report.csv")
        summary = import_file(
            shop.kernel, shop.scope, importer, tmp_path / "articles.csv", mapping=mapping, report_path=report
        )
        return summary.render() + "\n"

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        first, second = run(), run()

    assert re.sub(r" in \d+\.\d s", " in 0.1 s", first) == shown["summary.txt"]
    assert "0 created, 0 updated, 2 unchanged" in second
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as report:
        assert list(csv.reader(report)) == list(csv.reader(shown["report.csv"].splitlines()))


# --- requests --------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", WITH_REQUESTS, ids=lambda path: path.name)
def test_every_request_fits_the_schema(document: Path) -> None:
    catalog = ModuleCatalog.discover(safe_mode=True)
    faults = []
    for request in requests(document):
        surface: Surface = request.options.get("surface", "tenant")  # type: ignore[assignment]
        names = catalog.names if surface == "tenant" else ()
        schema = compose(catalog, names, surface).schema.core
        faults += [f"line {request.line}: {error.message}" for error in validate(schema, parse(request.document))]
    assert not faults


@pytest.mark.parametrize("document", WITH_REQUESTS, ids=lambda path: path.name)
def test_the_requests_are_answered_in_order(app_with: AppWith, document: Path) -> None:
    shop = app_with(*ModuleCatalog.discover(safe_mode=True).names)
    ids: dict[str, str] = {}
    for request in requests(document):
        if request.options.get("surface", "tenant") == "tenant":
            ids |= ids_in(answer(shop, request, ids))


def answer(shop: Shop, request: Request, ids: Mapping[str, str]) -> dict[str, Any]:
    """The data of a request. A variable that is not given holds the id last answered under its name."""
    operation = parse(request.document).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    declared = [item.variable.name.value for item in operation.variable_definitions or ()]
    variables = {name: ids[name] for name in declared if name in ids} | request.variables
    if operation.operation is OperationType.SUBSCRIPTION:
        return followed(shop, request, variables)
    response = shop.execute(request.document, **variables)
    assert not response.get("errors"), f"line {request.line}: {response['errors']}"
    data: dict[str, Any] = response["data"]
    if operation.operation is OperationType.MUTATION:
        expected = request.options.get("refused")
        found = [item["code"] for payload in data.values() for item in payload.get("refusals", ())]
        assert found == ([expected] if expected else []), f"line {request.line}"
    return data


def followed(shop: Shop, request: Request, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The data for the last event that a subscription shows of what has happened so far."""
    shop.work()
    started = {"after": cursor_of(0), **variables}
    opened = begin(shop.kernel.request(shop.scope), request.document, started)
    assert isinstance(opened, Opened), f"line {request.line}: {opened}"
    with shop.kernel.request(shop.scope) as scope:
        happened = read_on(session_of(scope.context), opened.stream.after, opened.stream.types, 100)
        assert happened, f"line {request.line}"
        response = execute_event(scope, request.document, started, None, opened.stream.show(happened[-1]))
    assert not response.get("errors"), f"line {request.line}: {response['errors']}"
    data: dict[str, Any] = response["data"]
    return data


def ids_in(data: Any) -> dict[str, str]:
    """Ids by the name of the field that held the object, anywhere in an answer."""
    found: dict[str, str] = {}
    if isinstance(data, list):
        for item in data:
            found |= ids_in(item)
    elif isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, dict) and isinstance(value.get("id"), str):
                found[name] = value["id"]
            found |= ids_in(value)
    return found


# --- commands and settings -------------------------------------------------------------------------


def test_every_command_in_the_documents_exists() -> None:
    faults = []
    for document in documents():
        for line, words in commands(document):
            try:
                parser_for(words).parse_args(words)
            except SystemExit as end:
                if end.code:
                    faults.append(f"{document.relative_to(ROOT)}:{line}: huikuan {' '.join(words)}")
    assert not faults


def test_the_table_of_settings_is_that_of_the_code() -> None:
    text = TARGET.read_text(encoding="utf-8")
    assert text == with_table(text), "write it anew: just hooks"


def test_every_block_that_is_not_closed_is_noticed() -> None:
    for document in documents():
        fences = sum(line.startswith("```") for line in document.read_text(encoding="utf-8").splitlines())
        assert fences % 2 == 0, document
        assert all(block.text for block in blocks(document) if "file" in block.options), document
