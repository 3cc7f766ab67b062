"""huikuan keys: make, list and rotate the keys that sign access tokens."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from huikuan.auth.key_files import load_ring, save_ring
from huikuan.auth.keys import KeyRing
from huikuan.auth.tokens import ACCESS_TTL, LEEWAY
from huikuan.cli.opening import read_settings
from huikuan.cli.output import show
from huikuan.cli.parsing import Commands
from huikuan.clock import SystemClock
from huikuan.errors import BadInput

__all__ = ["configure"]

# When the last token that the old key signed has expired.
OLD_KEY_COUNTS = ACCESS_TTL + LEEWAY + timedelta(minutes=5)


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser = groups.add_parser(name, help=help, description=f"Signing keys: {help}.")
    commands = Commands(parser, shared)
    generate = commands.add(
        "generate",
        _generate,
        "make a key file",
        details="Every server process needs the same file: HUIKUAN_KEYS=FILE. With SQLite one is made by itself.",
        example="huikuan keys generate /etc/huikuan/keys.json",
    )
    generate.add_argument("--alg", choices=("EdDSA", "ES256"), default="EdDSA", help="algorithm; default: EdDSA")
    generate.add_argument("--force", action="store_true", help="replace the file; everybody must sign in again")
    listed = commands.add("list", _list, "keys of a file, without their secret parts", example="huikuan keys list")
    listed.add_argument("--json", action="store_true", help="as JSON")
    rotate = commands.add(
        "rotate",
        _rotate,
        "sign with a new key from now on; tokens of the old one count until they expire",
        details="Running servers read the file anew; no restart.",
        example="huikuan keys rotate /etc/huikuan/keys.json",
    )
    for parser in (generate, listed, rotate):
        parser.add_argument("file", nargs="?", metavar="FILE", help="the key file; default: HUIKUAN_KEYS")


def _generate(args: argparse.Namespace) -> int:
    path = _path(args)
    if path.exists() and not args.force:
        raise BadInput(f"{path} exists. Use `huikuan keys rotate` for a new key, or --force to replace the file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    ring = KeyRing.generate(args.alg)
    save_ring(ring, path)
    print(f"made {path} with key {ring.signer.kid}")
    return 0


def _list(args: argparse.Namespace) -> int:
    now = SystemClock().now()
    rows = [
        {
            "key": key.kid,
            "algorithm": key.alg,
            "state": "retired" if _is_over(key.retire_at, now) else key.state.value,
            "until": key.retire_at,
        }
        for key in load_ring(_path(args)).keys
    ]
    show(rows, as_json=args.json, empty="no keys")
    return 0


def _rotate(args: argparse.Namespace) -> int:
    path = _path(args)
    if path.is_dir():
        raise BadInput(f"{path} is a directory: add a PEM file with a name that sorts last instead.")
    now = SystemClock().now()
    ring = load_ring(path).pruned(now).rotate(retire_at=now + OLD_KEY_COUNTS)
    save_ring(ring, path)
    print(f"{path}: {ring.signer.kid} signs from now on; the old key counts until {now + OLD_KEY_COUNTS:%H:%M} UTC")
    return 0


def _path(args: argparse.Namespace) -> Path:
    place = args.file or read_settings(args).key_location
    if place.lstrip().startswith(("{", "-----BEGIN ")):
        raise BadInput("HUIKUAN_KEYS holds the keys themselves; name a FILE.")
    return Path(place)


def _is_over(retire_at: datetime | None, now: datetime) -> bool:
    return retire_at is not None and now >= retire_at
