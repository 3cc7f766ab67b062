"""Small values that command signatures use: references to objects, ids, and "not given"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

__all__ = ["UNSET", "AnyNode", "Id", "Ref", "RefTo", "Unset"]

T = TypeVar("T")


class Unset(Enum):
    """The type of UNSET: an input that was left out, unlike one that was null."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET = Unset.UNSET


@dataclass(frozen=True, slots=True)
class RefTo:
    """What ``Ref["Order"]`` and ``Id["Order"]`` leave in an annotation."""

    type_name: str
    by_key: bool


def _name(item: Any) -> str:
    return item if isinstance(item, str) else str(item.__name__)


if TYPE_CHECKING:
    from typing_extensions import TypeAliasType

    class Ref(Generic[T]):
        """An existing object, named by id or by one of its own keys (``code``, ``number``, ``sku``)."""

        id: UUID

        def __init__(self, id: UUID) -> None: ...

    Id = TypeAliasType("Id", UUID, type_params=(T,))
else:

    @dataclass(frozen=True, slots=True)
    class Ref:
        """An existing object, named by id or by one of its own keys (``code``, ``number``, ``sku``)."""

        id: UUID

        def __class_getitem__(cls, item: Any) -> Any:
            return Annotated[cls, RefTo(_name(item), by_key=True)]

    class Id:
        """``Id["Order"]``: the command's own subject, given by its global id; the body sees a UUID."""

        def __class_getitem__(cls, item: Any) -> Any:
            return Annotated[UUID, RefTo(_name(item), by_key=False)]


@dataclass(frozen=True, slots=True)
class AnyNode:
    """A payload field that may be an object of any type: the interface Node in GraphQL."""

    type_name: str
    id: UUID
