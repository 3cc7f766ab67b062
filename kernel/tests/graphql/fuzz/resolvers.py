"""How the reference answers a field: from the data set, for one object at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huikuan.errors import HookError, HuikuanError
from huikuan.graphql.ids import encode_id
from huikuan.money import Money
from kernel.tests.graphql.fuzz.inputs import Args, looked_up, plain
from kernel.tests.graphql.fuzz.pages import page_of
from kernel.tests.graphql.fuzz.reference import Resolver, Session
from kernel.tests.graphql.fuzz.worlds import MODELS

PERMISSIONS: dict[str, str | None] = {
    "Room": "depot.read",
    "Vault": "depot.vault",
    "Shelf": "depot.read",
    "Box": "depot.read",
    "Tag": "depot.read",
    "Visit": "survey.read",
    "Wish": None,
}


# --- fields of rows and outputs -----------------------------------------------------------------


def attribute(name: str, permission: str | None = None) -> Resolver:
    def resolve(source: Any, info: Any) -> Any:
        info.context.require(permission)
        return getattr(source, name)

    return resolve


def own_id(source: Any, info: Any) -> str:
    return encode_id(source.type_name, source.id)


def ident(name: str, type_name: str) -> Resolver:
    def resolve(source: Any, info: Any) -> str | None:
        id = getattr(source, name)
        return None if id is None else encode_id(type_name, id)

    return resolve


def money(amount: str) -> Resolver:
    def resolve(source: Any, info: Any) -> Money | None:
        found = getattr(source, amount)
        return None if found is None else Money(found, source.currency)

    return resolve


def to_one(name: str, type_name: str) -> Resolver:
    """The object that an attribute, an id or a Ref, refers to."""

    def resolve(source: Any, info: Any) -> Any:
        info.context.require(PERMISSIONS[type_name])
        return find(info.context, type_name, getattr(source, name))

    return resolve


def find(session: Session, type_name: str, reference: Any) -> Any:
    return session.world.get(type_name, getattr(reference, "id", reference))


def to_many(type_name: str, name: str, key: Callable[[Any], Any]) -> Resolver:
    def resolve(source: Any, info: Any) -> list[Any]:
        info.context.require(PERMISSIONS[type_name])
        return sorted((row for row in info.context.world.rows[type_name] if getattr(row, name) == source.id), key=key)

    return resolve


def connection(type_name: str, name: str | None) -> Resolver:
    def resolve(source: Any, info: Any, **given: Any) -> Any:
        session: Session = info.context
        session.require(PERMISSIONS[type_name])
        rows = [row for row in session.world.rows[type_name] if name is None or getattr(row, name) == source.id]
        return page_of(session.decls[type_name], rows, given)

    return resolve


def to_any(source: Any, info: Any) -> Any:
    return find_any(info.context, source.subject_type, source.subject_id)


def find_any(session: Session, type_name: str, id: Any) -> Any:
    if type_name not in MODELS:
        return None
    session.require(PERMISSIONS[type_name])
    return session.world.get(type_name, id)


Finish = Callable[[Session, Any], Any]


def batch(field: str, function: Callable[..., Any], args: Args | None = None, finish: Finish | None = None) -> Resolver:
    """A field that a module computes; ``finish`` turns references into objects."""

    def resolve(source: Any, info: Any, **given: Any) -> Any:
        session: Session = info.context
        values = looked_up(session.world, plain(args or {}, given))
        value = called(session, field, function, source, **values)
        return value if finish is None else finish(session, value)

    return resolve


def called(session: Session, what: str, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Code of a module: what it raises says whose it was."""
    try:
        return function(*given, **named)
    except HuikuanError as error:
        error.data.setdefault("module", "kernel")
        raise
    except Exception as error:
        raise HookError(module="kernel", version=session.version, hook=what, reason=str(error)) from error


def refs(type_name: str) -> Finish:
    """A list of references; what is missing is left out."""

    def finish(session: Session, value: Any) -> Any:
        session.require(PERMISSIONS[type_name])
        return [row for item in value if (row := find(session, type_name, item)) is not None]

    return finish


def maybe_refs(type_name: str) -> Finish:
    """A list of references; what is missing is null."""

    def finish(session: Session, value: Any) -> Any:
        session.require(PERMISSIONS[type_name])
        return None if value is None else [find(session, type_name, item) for item in value]

    return finish


def any_refs(session: Session, value: Any) -> Any:
    return [None if item is None else find_any(session, item.type_name, item.id) for item in value]


def list_of(name: str, finish: Finish) -> Resolver:
    return lambda source, info: finish(info.context, getattr(source, name))


def guarded(permission: str, resolver: Resolver) -> Resolver:
    def resolve(source: Any, info: Any, **given: Any) -> Any:
        info.context.require(permission)
        return resolver(source, info, **given)

    return resolve


class Turned:
    """Sorts the other way around."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: Turned) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Turned) and bool(other.value == self.value)

    __hash__ = None  # type: ignore[assignment] # only for sorting


def custom(
    name: str,
    permission: str | None,
    function: Callable[..., Any],
    args: Args | None = None,
    finish: Finish | None = None,
) -> Resolver:
    """A query; its function gets the session first."""

    def resolve(source: Any, info: Any, **given: Any) -> Any:
        session: Session = info.context
        session.require(permission)
        values = looked_up(session.world, plain(args or {}, given))
        value = called(session, name, function, session, **values)
        return value if finish is None else finish(session, value)

    return resolve
