"""huikuan new-module: a folder with a small, complete module whose tests pass."""

from __future__ import annotations

import argparse
import importlib.util
import keyword
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from huikuan.cli.parsing import Parser, examples
from huikuan.errors import BadInput
from huikuan.manifest import Module
from huikuan.version import __version__

__all__ = ["configure", "write_module"]

# Template -> where it goes.
PLACES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "__init__.py": "src/$module/__init__.py",
    "models.py": "src/$module/models.py",
    "errors.py": "src/$module/errors.py",
    "events.py": "src/$module/events.py",
    "hookspecs.py": "src/$module/hookspecs.py",
    "hooks.py": "src/$module/hooks.py",
    "commands.py": "src/$module/commands.py",
    "types.py": "src/$module/types.py",
    "migration.py": "src/$module/migrations/0001_notes.py",
    "test.py": "tests/test_$module.py",
    "test_conformance.py": "tests/test_conformance.py",
}


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser: Parser = groups.add_parser(
        name,
        help=help,
        parents=[shared],
        description="Write a folder with a small, complete module: table, migration, commands, hook, event, GraphQL\n"
        "type, tests and README. Its tests pass before you change anything.",
        epilog=examples("""huikuan new-module acme_deposit
        huikuan new-module acme_deposit --requires orders --directory ~/src"""),
    )
    parser.add_argument("name", metavar="NAME", help="such as acme_deposit: your name first, so that none clash")
    parser.add_argument("--title", help="what people read; default: made from the name")
    parser.add_argument("--requires", default="", metavar="A,B", help="modules it builds on")
    parser.add_argument("--directory", default=".", metavar="DIR", help="where the folder is made; default: here")
    parser.set_defaults(run=_new_module)


def _new_module(args: argparse.Namespace) -> int:
    requires = [item.strip() for item in args.requires.split(",") if item.strip()]
    folder = write_module(Path(args.directory).expanduser(), args.name, title=args.title, requires=requires)
    print(f"wrote {folder}; next:")
    print(f"  cd {folder}\n  uv run pytest            # or: pip install -e . pytest && pytest")
    return 0


def write_module(directory: Path, name: str, *, title: str | None = None, requires: list[str]) -> Path:
    """Write the folder ``name`` into ``directory``; returns it."""
    _check(directory, name, requires)
    folder = directory / name
    words = _words(name, title, requires)
    templates = files("huikuan.cli") / "templates"
    for template, place in PLACES.items():
        path = folder / Template(place).substitute(words)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (templates / f"{template}.tmpl").read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(words), encoding="utf-8")
    (folder / "src" / name / "py.typed").touch()
    return folder


def _check(directory: Path, name: str, requires: list[str]) -> None:
    Module(name=name, title=name, requires=requires)  # the manifest's own rules
    if name.startswith("huikuan") or name == "kernel" or keyword.iskeyword(name):
        raise BadInput(
            f"{name!r} is taken; begin with a name of your own, such as acme_{name.removeprefix('huikuan_')}."
        )
    if not directory.is_dir():
        raise BadInput(f"{directory} is no folder; make it first, or give another --directory.")
    if (directory / name).exists():
        raise BadInput(f"{directory / name} exists; choose another name, or remove it first.")
    if importlib.util.find_spec(name) is not None:
        raise BadInput(f"there is a Python package {name!r} already; put a name of your own first: acme_{name}.")


def _words(name: str, title: str | None, requires: list[str]) -> Mapping[str, str]:
    camel = "".join(part.capitalize() for part in name.split("_"))
    major, minor = __version__.split(".")[:2]
    needed = [f"huikuan>={major}.{minor},<{major}.{int(minor) + 1}"]
    needed += [f"huikuan-{item.replace('_', '-')}" for item in requires]
    return {
        "module": name,
        "dist": name.replace("_", "-"),
        "title": title or name.replace("_", " ").capitalize(),
        "camel": camel,
        "lower": camel[:1].lower() + camel[1:],
        "code": name.upper(),
        "requires": ", ".join(f'"{item}"' for item in requires),
        "dependencies": ", ".join(f'"{item}"' for item in needed),
    }
