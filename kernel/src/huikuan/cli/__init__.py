"""The `huikuan` command: one file for each group of commands, imported only when it is called."""

from huikuan.cli.entry import main

__all__ = ["main"]
