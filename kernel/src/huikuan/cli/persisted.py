"""huikuan persisted: GraphQL documents that clients name by their hash."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from huikuan.cli.opening import kernel_for
from huikuan.cli.output import answer, refused, show
from huikuan.cli.parsing import Commands
from huikuan.core.models import PersistedDocument
from huikuan.core.module import PERSISTED_ONLY
from huikuan.errors import BadInput

__all__ = ["configure"]

SUFFIXES = (".graphql", ".gql")


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Persisted documents: {help}.")
    commands = Commands(parser, shared)
    add = commands.add(
        "add",
        _add,
        "register documents",
        details="FILE is a document (.graphql, .gql), a manifest of a code generator (.json: the text by its hash),\n"
        "or a directory of documents. The text counts, to the last space: clients send its SHA-256.",
        example="""huikuan persisted add persisted-documents.json --tenant acme
        huikuan persisted add src/queries --tenant acme""",
    )
    add.add_argument("files", nargs="+", metavar="FILE", help="document, manifest or directory")
    listed = commands.add("list", _list, "documents of a tenant", example="huikuan persisted list --tenant acme")
    listed.add_argument("--json", action="store_true", help="as JSON")
    remove = commands.add(
        "remove", _remove, "remove a document", example="huikuan persisted remove 4ef8d2… --tenant acme"
    )
    remove.add_argument("sha256", help="its hash, or as much of it as is unique")
    only = commands.add(
        "only",
        _only,
        "execute registered documents only, or all again",
        example="huikuan persisted only on --tenant acme",
    )
    only.add_argument("switch", choices=("on", "off"), help="on or off")
    for parser in (add, listed, remove, only):
        parser.add_argument("--tenant", metavar="NAME", required=True, help="short name of the tenant")


def _add(args: argparse.Namespace) -> int:
    documents = [found for path in args.files for found in _documents(Path(path))]
    with kernel_for(args) as kernel:
        scope = kernel.scope(args.tenant)
        for source, text in documents:
            try:
                result = kernel.run(scope, "persisted_document_add", {"document": text})
            except BadInput as error:
                raise BadInput(f"{source}: {error.message}") from error
            if not result.done:
                return refused(result.refusals)
    print(f"registered {len(documents)} document{'' if len(documents) == 1 else 's'} of {args.tenant}")
    return 0


def _list(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel, kernel.reading(kernel.scope(args.tenant)) as ctx:
        statement = select(
            PersistedDocument.sha256,
            PersistedDocument.created_at,
            func.length(PersistedDocument.document).label("size"),
            PersistedDocument.name,
        ).order_by(PersistedDocument.name, PersistedDocument.sha256)
        rows = [
            {"sha256": row.sha256, "added": row.created_at, "characters": row.size, "operations": row.name}
            for row in ctx.rows(statement)
        ]
        empty = f"{args.tenant} has no persisted documents; register some: huikuan persisted add …"
        show(rows, as_json=args.json, empty=empty)
        return 0


def _remove(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        scope = kernel.scope(args.tenant)
        with kernel.reading(scope) as ctx:
            hashes = ctx.scalars(select(PersistedDocument.sha256))
        begun = args.sha256.removeprefix("sha256:").lower()
        found = [sha256 for sha256 in hashes if sha256.startswith(begun)]
        if len(found) != 1:
            many = f"{len(found)} documents of {args.tenant} begin" if found else f"No document of {args.tenant} begins"
            raise BadInput(f"{many} with {begun!r}; see: huikuan persisted list.")
        return answer(kernel.run(scope, "persisted_document_remove", {"sha256": found[0]}), f"removed {found[0]}")


def _only(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        value = "true" if args.switch == "on" else "false"
        result = kernel.run(kernel.scope(args.tenant), "setting_set", {"key": PERSISTED_ONLY, "value": value})
        executed = "registered documents only" if args.switch == "on" else "all documents"
        return answer(result, f"{args.tenant} executes {executed}")


def _documents(path: Path) -> Iterator[tuple[str, str]]:
    """Where each document stands, and its text."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not files:
            raise BadInput(f"{path} holds no file that ends with .graphql or .gql.")
        for file in files:
            yield str(file), _read(file)
    elif path.suffix == ".json":
        yield from _manifest(path)
    else:
        yield str(path), _read(path)


def _read(file: Path) -> str:
    try:
        # As it is: the hash is of the bytes, so that line ends must stay what they are.
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise BadInput(f"{file} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8.") from None


def _manifest(path: Path) -> Iterator[tuple[str, str]]:
    """Texts by hash as graphql-codegen writes them; or with a list of operations as Apollo's tools do."""
    try:
        found = json.loads(_read(path))
    except json.JSONDecodeError as error:
        raise BadInput(f"{path} is not JSON: {error}.") from None
    if isinstance(found, dict) and isinstance(found.get("operations"), list):
        found = {item.get("id"): item.get("body") for item in found["operations"] if isinstance(item, dict)}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise BadInput(f"{path} is no manifest: it must be a JSON object with the text of each document by its hash.")
    for key, text in found.items():
        if key.removeprefix("sha256:") != hashlib.sha256(text.encode()).hexdigest():
            raise BadInput(f"{path}: {key!r} is not the SHA-256 of its text; tell the code generator to use sha256.")
        yield f"{path}, {key}", text
