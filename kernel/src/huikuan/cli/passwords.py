"""Where a command gets a new password from: standard input, the terminal, or one that is made up."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from dataclasses import dataclass

from sqlalchemy import select

from huikuan.core.directory import Login
from huikuan.errors import BadInput
from huikuan.kernel import Kernel

__all__ = ["Password", "add_flags", "choose", "new_password"]

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


@dataclass(frozen=True, slots=True)
class Password:
    """A password and what to tell about it; ``text`` is None for who has one already."""

    text: str | None
    told: str


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Flags that say where the password comes from; never the password itself, which `ps` would show."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    group.add_argument("--ask-password", action="store_true", help="ask for the password on the terminal")


def choose(kernel: Kernel, args: argparse.Namespace, email: str) -> Password:
    """The password for a login; whoever can sign in already keeps theirs."""
    with kernel.reading(kernel.control_scope()) as ctx:
        known = ctx.scalar(select(Login.id).where(Login.email == email.strip().lower()))
    return Password(None, "who keeps the password they have") if known is not None else new_password(args)


def new_password(args: argparse.Namespace) -> Password:
    """As the flags say."""
    if args.password_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
        if not text:
            raise BadInput("standard input holds no password: printf '%s\\n' \"$PASSWORD\" | huikuan …")
        return Password(text, "with the given password")
    if args.ask_password:
        text = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != text:
            raise BadInput("The two passwords differ.")
        return Password(text, "with the given password")
    text = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
    return Password(text, f"password (shown only now): {text}")
