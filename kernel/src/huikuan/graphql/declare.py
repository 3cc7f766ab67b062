"""What modules write to appear in GraphQL: ``@node``, ``@output``, ``@extend``, ``@query``, ``@batch`` and fields.

Declarations are pure data: which column, which relation, which batch function and what it
requires. Nothing is resolved at import, so names of a file may refer to each other in any order.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar, dataclass_transform

from huikuan.commands import Surface
from huikuan.errors import SetupError
from huikuan.graphql.decls import Declarations, ExtensionDecl, NodeDecl, OutputDecl, QueryDecl, SubscriptionDecl
from huikuan.graphql.fielddecls import (
    BatchMarker,
    ColumnMarker,
    ConnectionMarker,
    ToAnyMarker,
    ToManyMarker,
    ToOneMarker,
)
from huikuan.graphql.naming import camel
from huikuan.graphql.naming import plural as plural_of
from huikuan.graphql.typespec import NODE_MARK as DECLARED

__all__ = [
    "batch",
    "collect_declarations",
    "column",
    "connection",
    "extend",
    "node",
    "output",
    "query",
    "subscription",
    "to_any",
    "to_many",
    "to_one",
]

C = TypeVar("C", bound=type[Any])
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def node(
    model: type[Any],
    *,
    keys: Sequence[str] = (),
    permission: str | None = None,
    plural: str | None = None,
    root: bool = True,
    order_by: Sequence[str] | None = None,
    surface: Surface = "tenant",
    name: str | None = None,
) -> Callable[[C], C]:
    """Map a model to a GraphQL type: the class is named like the type, or with the suffix ``Type``.

    - ``keys``: attributes by which clients may name an object besides its id; each unique in the tenant
    - ``permission``: needed to read objects of this type; None for anybody who is signed in
    - ``root``: whether there are the queries ``order`` and ``orders`` (``plural`` if it is irregular)
    - ``order_by``: attributes that lists can be ordered by; by default every mapped plain column
    """

    def declare(cls: C) -> C:
        if not hasattr(model, "__mapper__"):
            raise SetupError(f"{_where(cls)}: @node needs a model, not {model!r}")
        type_name = name or cls.__name__.removesuffix("Type")
        noun = type_name[:1].lower() + type_name[1:]
        decl = NodeDecl(
            cls=cls,
            model=model,
            name=type_name,
            noun=noun,
            plural=camel(plural) if plural else plural_of(noun),
            keys=tuple(keys),
            permission=permission,
            root=root,
            order_by=None if order_by is None else tuple(order_by),
            surface=surface,
        )
        return _declare(cls, decl)

    return declare


@dataclass_transform(frozen_default=True)
def output(cls: type[T]) -> type[T]:
    """Make a frozen dataclass a GraphQL object type; a plain class becomes a frozen dataclass first.

    Its fields may hold plain values, ``Money``, enums, other outputs, lists of them, and objects: a
    field annotated ``Ref["Customer"]`` holds a ``Ref`` and shows the customer, ``Id["Customer"]``
    shows the global id alone. ``Annotated[int, "text"]`` describes a field.
    """
    if not dataclasses.is_dataclass(cls):
        cls = dataclass(frozen=True)(cls)
    return _declare(cls, OutputDecl(cls, cls.__name__.removesuffix("Type")))


def extend(target: type[Any]) -> Callable[[C], C]:
    """Contribute fields to another module's type: ``@batch``, ``to_many`` and ``connection`` to one of
    ``@node``, ``@batch`` to one of ``@output``, where the function gets the dataclass's objects.
    """

    def declare(cls: C) -> C:
        decl = target.__dict__.get(DECLARED)
        if not isinstance(decl, NodeDecl | OutputDecl):
            raise SetupError(f"{_where(cls)}: @extend needs a class declared with @node or @output, not {target!r}")
        return _declare(cls, ExtensionDecl(cls, decl))

    return declare


def query(*, permission: str | None, name: str | None = None, surface: Surface = "tenant") -> Callable[[F], F]:
    """A root field of its own: ``def order_confirm_preview(ctx, id: Id["Order"]) -> Preview``.

    It is called once for each time the field stands in a request, in the request's read snapshot.
    The parameters become arguments, the docstring the description.
    """
    return _root(QueryDecl, "query", name, permission, surface)


def subscription(*, permission: str | None, name: str | None = None, surface: Surface = "tenant") -> Callable[[F], F]:
    """A root field that goes on as things happen: ``def events(ctx, after: str | None) -> Stream[Ref["Event"]]``.

    It is called once, when somebody subscribes, and answers which events of the tenant's feed are followed
    and what is shown of each. ``permission`` is asked again for whatever is sent.
    """
    return _root(SubscriptionDecl, "subscription", name, permission, surface)


def _root(
    kind: type[QueryDecl], word: str, name: str | None, permission: str | None, surface: Surface
) -> Callable[[F], F]:
    def declare(function: F) -> F:
        decl = kind(function, name or camel(function.__name__), permission, surface)
        if not (function.__doc__ or "").strip():
            raise SetupError(
                f"{word} {function.__name__} ({function.__module__}) needs a docstring: it becomes the description"
            )
        setattr(function, DECLARED, decl)
        return function

    return declare


def column(
    description: str | None = None,
    *,
    attribute: str | None = None,
    currency: str | None = None,
    permission: str | None = None,
) -> Any:
    """A field that shows a column of another name, with a text of its own, or behind a permission.

    ``currency`` names the sibling column that makes an amount ``Money``; by default ``currency``.
    """
    return ColumnMarker(description, permission, attribute, currency)


def to_one(attribute: str, description: str | None = None, *, permission: str | None = None) -> Any:
    """The object that the column ``attribute`` refers to: ``customer: Customer = to_one("customer_id")``."""
    return ToOneMarker(description, permission, attribute)


def to_many(
    attribute: str,
    description: str | None = None,
    *,
    order_by: str | Sequence[str] = "id",
    permission: str | None = None,
) -> Any:
    """The rows whose column ``attribute`` refers to this object, as a plain list of at most 1,000.

    ``order_by`` names attributes of the rows; a leading ``-`` turns the order around.
    """
    order = (order_by,) if isinstance(order_by, str) else tuple(order_by)
    return ToManyMarker(description, permission, attribute, order)


def connection(
    target: type[Any], attribute: str, description: str | None = None, *, permission: str | None = None
) -> Any:
    """The rows of ``target`` whose column ``attribute`` refers to this object, paged and filtered."""
    return ConnectionMarker(description, permission, attribute, target)


def to_any(
    type_attribute: str, id_attribute: str, description: str | None = None, *, permission: str | None = None
) -> Any:
    """An object of any type, named by a type column and an id column; shown as the interface Node."""
    return ToAnyMarker(description, permission, type_attribute, id_attribute)


def batch(
    *, requires: Sequence[str] = (), permission: str | None = None, description: str | None = None
) -> Callable[[Any], Any]:
    """A field computed for all objects of a list in one call.

    ``def progress(ctx, orders, limit: int = 5) -> list[Progress]`` gets rows that have the id and the
    attributes named in ``requires``, and returns one value per row in their order, or a dict by id
    (rows that are missing in it are null). Parameters after the rows become arguments. Where it
    extends an output, the rows are the dataclass's objects, and only a list will do.
    """

    def declare(function: Any) -> Any:
        plain = function.__func__ if isinstance(function, staticmethod) else function
        return BatchMarker(description, permission, tuple(requires), plain)

    return declare


def collect_declarations(module: ModuleType) -> Declarations:
    """What a python module declares itself; what it imported is skipped."""
    kinds = (NodeDecl, OutputDecl, ExtensionDecl, QueryDecl, SubscriptionDecl)
    found: dict[type[Any], list[Any]] = {kind: [] for kind in kinds}
    for value in list(vars(module).values()):
        if not (isinstance(value, type) or inspect.isfunction(value)):
            continue
        decl = vars(value).get(DECLARED)
        own = f"{value.__module__}.".startswith(f"{module.__name__}.")
        if decl is not None and own and decl not in found[type(decl)]:
            found[type(decl)].append(decl)
    return Declarations(*(tuple(found[kind]) for kind in kinds))


def declaration_of(cls: Any) -> NodeDecl | OutputDecl | None:
    """The declaration that a class carries."""
    found = vars(cls).get(DECLARED) if isinstance(cls, type) else None
    return found if isinstance(found, NodeDecl | OutputDecl) else None


def _declare(cls: C, decl: Any) -> C:
    setattr(cls, DECLARED, decl)
    return cls


def _where(cls: type[Any]) -> str:
    return f"{cls.__name__} ({cls.__module__})"
