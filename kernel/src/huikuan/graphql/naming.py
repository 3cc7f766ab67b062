"""Names: Python's to GraphQL's, and the plain words that describe what nobody described."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["camel", "constant", "humanise", "humanise_type", "pascal", "plural", "snake"]


@lru_cache(maxsize=4096)
def camel(name: str) -> str:
    """``order_confirm`` -> ``orderConfirm``."""
    head, *rest = name.strip("_").split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


@lru_cache(maxsize=4096)
def pascal(name: str) -> str:
    """``order_confirm`` -> ``OrderConfirm``."""
    whole = camel(name)
    return whole[:1].upper() + whole[1:]


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """``OrderLine`` -> ``order_line``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@lru_cache(maxsize=4096)
def constant(name: str) -> str:
    """``created_at`` -> ``CREATED_AT``."""
    return snake(name).upper()


def plural(name: str) -> str:
    """``order`` -> ``orders``, ``delivery`` -> ``deliveries``; irregular words are given in full."""
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", name):
        return name + "es"
    return name + "s"


@lru_cache(maxsize=4096)
def humanise(name: str) -> str:
    """``ordered_on`` -> ``Ordered on.``; ``customer_id`` -> ``Customer.``"""
    words = snake(name).removesuffix("_id").replace("_", " ").strip()
    return f"{words[:1].upper()}{words[1:]}."


def humanise_type(name: str) -> str:
    """``OrderLine`` -> ``An order line.``"""
    words = snake(name).replace("_", " ")
    return f"{'An' if words[:1] in 'aeiou' else 'A'} {words}."
