"""Modules that cannot be used are refused by name, with what mends them; all others start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest

from huikuan import Module
from huikuan.catalog import ENTRY_POINTS, ModuleCatalog, RefusedModule
from huikuan.composition import Compositions, compose, vetted
from huikuan.errors import SetupError
from kernel.tests.core.kit import catalog_of, on_path

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """``write("bad", manifest='requires=["x"]', hooks="…")`` makes a package on the path; gives its name."""
    names: list[str] = []

    def make(name: str, *, manifest: str = "", init: str = "", package: str = "", **files: str) -> str:
        package = package or name
        folder = tmp_path / package
        folder.mkdir()
        text = f'from huikuan import Module\nmodule = Module(name="{name}", title="T", {manifest})\n'
        (folder / "__init__.py").write_text(init or text)
        for file, content in files.items():
            (folder / f"{file}.py").write_text(dedent(content))
        names.append(package)
        return package

    with on_path(tmp_path):
        yield make
    for loaded in [found for found in sys.modules if found.partition(".")[0] in names]:
        del sys.modules[loaded]


def _refused(catalog: ModuleCatalog) -> dict[str, RefusedModule]:
    return {item.name: item for item in catalog.refused}


def _only(catalog: ModuleCatalog, name: str) -> str:
    """The one refusal, in words; shelf starts in spite of it."""
    assert [item.name for item in catalog.refused] == [name]
    assert "shelf" in catalog
    assert name not in catalog
    return str(catalog.refused[0])


def test_modules_are_sorted_by_requirement_then_name(modules: ModuleCatalog) -> None:
    assert [module.name for module in modules] == ["shelf", "tag", "label"]
    assert modules.refused == ()
    assert modules.closure(["label"]) == {"label", "shelf"}
    assert modules.dependants("shelf", ["tag", "label", "shelf"]) == ["label"]


def test_the_order_does_not_depend_on_the_order_of_installation() -> None:
    names = ("huikuan_tag", "huikuan_label", "huikuan_shelf")
    assert [module.name for module in catalog_of(*names)] == ["shelf", "tag", "label"]


@pytest.mark.parametrize(
    ("init", "says"),
    [
        ("import nothing_like_it", "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError"),
        ("this is no python", "SyntaxError"),
        ("module = 7", "is int, not a huikuan.Module"),
        ("other = 7", "AttributeError"),
    ],
)
def test_an_import_that_fails(write: Write, init: str, says: str) -> None:
    said = _only(catalog_of("huikuan_shelf", write("bad", init=init)), "bad")
    assert says in said
    assert "end the module" in said or "uninstall" in said


def test_a_part_that_fails(write: Write) -> None:
    said = _only(catalog_of("huikuan_shelf", write("bad", commands="raise RuntimeError('no')")), "bad")
    assert "RuntimeError: no" in said
    assert "--safe-mode" in said


def test_a_missing_requirement_names_what_to_install(write: Write) -> None:
    said = _only(catalog_of("huikuan_shelf", write("bad", manifest='requires=["gone"]')), "bad")
    assert "requires gone, which is not installed. pip install huikuan-gone" in said


def test_what_needs_a_refused_module_is_refused_too(write: Write) -> None:
    catalog = catalog_of(
        "huikuan_shelf", write("base", init="1 / 0"), write("top", manifest='requires=["base", "shelf"]')
    )
    assert catalog.names == {"shelf"}
    assert str(_refused(catalog)["top"]) == "top: it requires base, which was refused. Mend base first."


def test_another_version_than_required(write: Write) -> None:
    said = _only(catalog_of("huikuan_shelf", write("bad", manifest='requires=["shelf>=2,<3"]')), "bad")
    assert "requires shelf <3,>=2, installed is 0. Install a shelf in that range" in said


def test_a_version_that_fits_is_taken_from_the_distribution(write: Write, tmp_path: Path) -> None:
    info = tmp_path / "base-2.4.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: base\nVersion: 2.4\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\nbase = base:module\n")
    write("base")
    write("top", manifest='requires=["base>=2,<3"]')
    point = next(iter(Distribution.at(info).entry_points))
    catalog = ModuleCatalog.of([("base", point), ("top", EntryPoint("top", "top:module", ENTRY_POINTS))])
    assert {module.name: module.version for module in catalog} == {"base": "2.4", "top": "0"}


def test_a_module_for_another_kernel(write: Write) -> None:
    said = _only(catalog_of("huikuan_shelf", write("bad", manifest='kernel=">=9"')), "bad")
    assert "needs kernel >=9, this is 0.1" in said
    assert "install a matching version" in said


def test_a_cycle_names_the_whole_circle(write: Write) -> None:
    catalog = catalog_of(
        "huikuan_shelf",
        write("one", manifest='requires=["two"]'),
        write("two", manifest='requires=["three"]'),
        write("three", manifest='requires=["one"]'),
        write("beside", manifest='requires=["one"]'),
    )
    assert catalog.names == {"shelf"}
    refused = _refused(catalog)
    assert {"one", "two", "three"} <= set(refused)
    for name in ("one", "two", "three"):
        assert "cycle of requirements" in refused[name].reason
        assert refused[name].reason.count("->") == 3
    assert refused["beside"].reason == "it requires one, which was refused"


def test_two_modules_of_one_name(write: Write) -> None:
    write("shelf", package="shelf")
    catalog = ModuleCatalog.of(
        [
            ("shelf", EntryPoint("shelf", "huikuan_shelf:module", ENTRY_POINTS)),
            ("shelf", EntryPoint("shelf", "shelf:module", ENTRY_POINTS)),
        ]
    )
    assert catalog.get("shelf").package == "huikuan_shelf"
    assert "huikuan_shelf has the same name; uninstall one of the two" in str(catalog.refused[0])


def test_entry_point_package_and_manifest_agree_on_the_name(write: Write) -> None:
    write("other", package="bad")
    catalog = ModuleCatalog.of([("bad", EntryPoint("bad", "bad:module", ENTRY_POINTS))])
    assert "must agree on the name" in str(catalog.refused[0])


def test_safe_mode_leaves_out_whatever_others_made(write: Write, tmp_path: Path) -> None:
    write("partner")
    info = tmp_path / "partner-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: partner\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\npartner = partner:module\n")
    everything, safe = ModuleCatalog.discover(), ModuleCatalog.discover(safe_mode=True)
    assert "partner" in everything
    assert "partner" not in safe
    assert safe.names == {item.name for item in everything if item.first_party}


@pytest.mark.parametrize("name", ["Bad", "1st", "x", "with-dash", ""])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(SetupError, match="must be lower case letters"):
        Module(name=name, title="T")


def test_permissions_and_settings_bear_the_module_s_name() -> None:
    with pytest.raises(SetupError, match=r"bad: 'other.read' must start with 'bad\.'"):
        Module(name="bad", title="T", permissions={"other.read": "x"})


HOOK = "from huikuan import hookimpl\n@hookimpl{options}\ndef {name}({arguments}): ...\n"


def _vetted(*packages: str) -> ModuleCatalog:
    return vetted(catalog_of("huikuan_shelf", *packages))


@pytest.mark.parametrize(
    ("options", "name", "arguments", "says"),
    [
        ("", "shelf_before_moove", "ctx", "no enabled module offers. Did you mean `shelf_before_move` (shelf 0)?"),
        ("", "shelf_after_move", "ctx, thing", "with the argument 'thing'; it may take: ctx, item"),
        ("(wrapper=True)", "shelf_after_move", "ctx, item", "wrappers are not supported, implement it plainly"),
        ("(hookwrapper=True)", "shelf_after_move", "ctx, item", "wrappers are not supported"),
    ],
)
def test_a_hook_that_cannot_be_called(write: Write, options: str, name: str, arguments: str, says: str) -> None:
    hooks = HOOK.format(options=options, name=name, arguments=arguments)
    if "wrapper" in options:
        hooks = hooks.replace("...", "yield")
    said = _only(_vetted(write("bad", manifest='requires=["shelf"]', hooks=hooks)), "bad")
    assert f"bad 0 implements hook `{name}`" in said
    assert says in said


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("@veto\ndef before_all(ctx): ...", "hook before_all of bad must start with 'bad_'"),
        ("@veto\ndef bad_one(item): ...", "hook bad_one of bad must take ctx first"),
        ("@change\ndef bad_one(ctx): ...", "hook bad_one of bad must take ctx first and a draft"),
        ("@veto(where='moon')\ndef bad_one(ctx): ...", "runs where='transaction' or 'worker', not 'moon'"),
        ("from huikuan_shelf.hookspecs import shelf_name", "a module declares only hooks of its own"),
    ],
)
def test_an_extension_point_declared_wrongly(write: Write, spec: str, says: str) -> None:
    hookspecs = f"from huikuan import change, veto\n{spec}\n"
    said = _only(_vetted(write("bad", manifest='requires=["shelf"]', hookspecs=hookspecs)), "bad")
    assert says in said


COMMAND = "from huikuan import Context, command\n@command(permission=None)\ndef {}(ctx: Context) -> None:\n    {}\n"
EVENT = (
    "from uuid import UUID\nfrom huikuan import Event\nclass ItemAdded(Event, aggregate='item'):\n    item_id: UUID\n"
)
CODE = "from huikuan import RefusalCode\nA = RefusalCode('ITEM_HEAVY', 'x')\n"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"commands": COMMAND.format("item_add", '"""D."""')}, "command item_add is declared by bad and by shelf"),
        ({"events": EVENT}, "event ITEM_ADDED is declared by bad and by shelf"),
        ({"errors": CODE}, "refusal code ITEM_HEAVY is declared by bad and by shelf"),
    ],
)
def test_of_two_modules_that_clash_the_partner_s_goes(write: Write, files: dict[str, str], says: str) -> None:
    said = _only(_vetted(write("bad", **files)), "bad")
    assert f"{says}; rename one of the two" in said


EXTENDED = """
from huikuan import Context
from huikuan.graphql import batch, extend
from huikuan_shelf.types import Item
@extend(Item)
class More:
    @batch(requires=["id"])
    def code(ctx: Context, items: list) -> list[str]:
        "Taken already."
        return []
"""


def test_a_field_that_is_there_already_is_found_at_the_start(write: Write) -> None:
    said = _only(_vetted(write("bad", manifest='requires=["shelf"]', graphql=EXTENDED)), "bad")
    assert "code" in said and "declared by" in said


def test_a_hook_of_a_module_that_is_not_required_is_found_at_the_start(write: Write) -> None:
    """Beside shelf it would work, until a tenant disables shelf."""
    hooks = HOOK.format(options="", name="shelf_after_move", arguments="ctx, item")
    assert "`shelf_after_move`, which no enabled module offers" in _only(_vetted(write("bad", hooks=hooks)), "bad")


def test_a_subscription_to_no_event_is_refused(write: Write) -> None:
    text = "from huikuan import subscribe\n@subscribe('ITEM_ADDED')\ndef f(ctx, event): ...\n"
    said = _only(catalog_of("huikuan_shelf", write("bad", subscribers=text)), "bad")
    assert "f (bad.subscribers) subscribes to 'ITEM_ADDED', which is no Event" in said


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ('permissions=["bad.read"]', "bad: permissions must be a dict"),
        ('requires="shelf"', "bad: requires must be a list of texts, not the text 'shelf'"),
        ("roles={'clerk': 'bad.read'}", "bad: roles['clerk'] must be a list of texts, not the text 'bad.read'"),
        ("settings={'bad.size': 5}", "bad: 'bad.size' must be a Setting whose default is a text, int, bool or None"),
    ],
)
def test_a_manifest_with_a_value_of_another_kind(write: Write, manifest: str, says: str) -> None:
    assert says in _only(catalog_of("huikuan_shelf", write("bad", manifest=manifest)), "bad")


def test_a_partner_whose_name_sorts_first_cannot_take_a_name_away(write: Write) -> None:
    catalog = _vetted(write("aaa", errors=CODE))
    assert catalog.names == {"shelf"}
    assert "is declared by" in str(_refused(catalog)["aaa"])


def test_a_command_without_a_docstring_is_refused(write: Write) -> None:
    said = _only(catalog_of("huikuan_shelf", write("bad", commands=COMMAND.format("bad_do", "return None"))), "bad")
    assert "command bad_do (bad.commands) needs a docstring" in said


def test_an_event_without_its_aggregate_is_refused(write: Write) -> None:
    events = "from huikuan import Event\nclass BadDone(Event, aggregate='thing'):\n    code: str\n"
    said = _only(catalog_of("huikuan_shelf", write("bad", events=events)), "bad")
    assert "event BadDone needs a field thing_id: UUID" in said


def test_a_bridge_exists_only_with_the_module_it_leads_to(modules: ModuleCatalog) -> None:
    with_tag = compose(modules, ["shelf", "label", "tag"])
    assert [item.module for item in with_tag.bus.implementations("tag_parts")] == ["label"]
    assert compose(modules, ["tag"]).bus.implementations("tag_parts") == ()
    assert "tag_parts" not in compose(modules, ["shelf", "label"]).bus.specs


def test_a_bridge_that_fails_refuses_its_module(write: Write, tmp_path: Path) -> None:
    package = write("bad")
    (tmp_path / package / "bridges").mkdir()
    (tmp_path / package / "bridges" / "__init__.py").write_text("")
    (tmp_path / package / "bridges" / "shelf.py").write_text("1 / 0")
    said = _only(_vetted(package), "bad")
    assert "the bridge of bad 0 to shelf failed with ZeroDivisionError" in said


def test_a_composition_holds_what_is_enabled_and_nothing_else(modules: ModuleCatalog) -> None:
    shelf, tag = compose(modules, ["shelf"]), compose(modules, ["tag"])
    assert "item_add" in shelf.commands
    assert "item_add" not in tag.commands
    assert "ItemType" not in str(tag.schema.core.type_map)
    assert "Item" in shelf.schema.core.type_map
    assert "Item" not in tag.schema.core.type_map
    assert "shelf.edit" in shelf.permissions
    assert not [name for name in tag.permissions if name.startswith("shelf.")]
    assert set(tag.subscribers) == set()
    assert "shelf.count_items" in shelf.jobs


def test_a_set_without_a_requirement_is_no_composition(modules: ModuleCatalog) -> None:
    with pytest.raises(SetupError, match="these modules are required too: shelf"):
        compose(modules, ["label"])
    with pytest.raises(SetupError, match="module 'gone' is not installed; installed are: shelf, tag, label"):
        compose(modules, ["gone"])


def test_hooks_are_called_in_one_order_always(modules: ModuleCatalog) -> None:
    """tryfirst, then plain, then trylast; within each requirements first."""
    for _ in range(20):
        bus = compose(modules, ["tag", "shelf", "label"]).bus
        assert [item.module for item in bus.implementations("shelf_parts")] == ["label", "shelf"]
        assert [item.module for item in bus.implementations("shelf_name")] == ["label", "shelf"]
        assert [item.module for item in bus.implementations("kernel_invariants")] == ["kernel", "shelf"]


def test_within_a_rank_requirements_come_first_then_names(write: Write) -> None:
    implement = HOOK.format(options="", name="shelf_parts", arguments="item")
    made = [
        write(name, manifest=f"requires={requires!r}", hooks=implement)
        for name, requires in (("bb", ["shelf"]), ("aa", ["shelf"]), ("ab", ["shelf", "bb"]))
    ]
    catalog = catalog_of("huikuan_shelf", *made)
    bus = compose(catalog, catalog.names).bus
    assert [item.module for item in bus.implementations("shelf_parts")] == ["shelf", "aa", "bb", "ab"]


def test_a_role_may_be_made_by_several_modules(modules: ModuleCatalog) -> None:
    roles = compose(modules, ["shelf", "label"]).roles
    assert roles["keeper"] == (frozenset({"shelf.read", "shelf.edit", "label.read"}), "shelf")


def test_compositions_are_made_once_per_set(modules: ModuleCatalog) -> None:
    held = Compositions(modules, limit=2)
    assert held.get(["shelf"]) is held.get({"shelf"})
    assert held.get(["shelf"]) is not held.get(["tag"])
    assert held.get(["shelf"]) is not held.get(["shelf"], "control")
