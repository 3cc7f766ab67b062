"""GraphQL types of shelf."""

from __future__ import annotations

from huikuan.graphql import column, node
from huikuan_shelf import models

__all__ = ["Item"]


@node(models.Item, keys=("code",), permission="shelf.read")
class Item:
    """Something on the shelf."""

    code: str = column("Its code.")
    quantity: int = column("How much of it there is.")
    note: str | None = column("A note.")
    number: str | None = column("Its number, once it is posted.")
