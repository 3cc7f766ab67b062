"""@command: one function is a business action and, through its signature, a GraphQL mutation.

The function's name gives the mutation's (``order_confirm`` -> ``orderConfirm``), its parameters
the arguments, its docstring the description, its return annotation the payload.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import Any, Generic, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from huikuan.db import TenantModel
from huikuan.errors import SetupError
from huikuan.values import RefTo

if typing.TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["Command", "Idempotency", "Parameter", "PayloadField", "Surface", "command"]

P = ParamSpec("P")
R = TypeVar("R")
Idempotency = Literal["key", "natural", "none"]
Surface = Literal["tenant", "control", "anonymous"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command: its resolved annotation and, if it names an object, which type."""

    name: str
    annotation: Any
    default: Any
    required: bool
    refers: RefTo | None


@dataclass(frozen=True, slots=True)
class PayloadField:
    """One field of the payload: a model, a list of models, or a plain value."""

    name: str
    annotation: Any
    model: type[TenantModel] | None
    many: bool
    nullable: bool


class Command(Generic[P, R]):
    """A declared command. Calling it joins the open transaction of ``ctx`` (api functions do so)."""

    def __init__(
        self,
        function: Callable[P, R],
        *,
        permission: str | None,
        idempotency: Idempotency,
        surface: Surface,
        payload: str | None,
        exposed: bool,
        throttle: str | None,
        hidden: Sequence[str],
    ) -> None:
        update_wrapper(self, function)
        self.function = function
        self.name = function.__name__
        self.permission = permission
        self.idempotency = idempotency
        self.surface = surface
        self.exposed = exposed
        self.throttle = throttle
        self.hidden = frozenset(hidden)
        self._payload = payload
        if not (function.__doc__ or "").strip():
            raise SetupError(
                f"command {self.name} ({function.__module__}) needs a docstring: it becomes the description"
            )

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        ctx: Context = args[0]  # type: ignore[assignment]
        given = dict(self._signature.bind(*args, **kwargs).arguments)
        given.pop(next(iter(given)))
        result: R = ctx.composition.nested(ctx, self, lambda: self.function(*args, **kwargs), given)
        return result

    def disclosed(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments without those that are stored nowhere."""
        return {name: value for name, value in arguments.items() if name not in self.hidden}

    @property
    def description(self) -> str:
        return inspect.cleandoc(self.function.__doc__ or "")

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments after ``ctx``, annotations resolved."""
        hints = self._hints
        found = []
        for parameter in list(self._signature.parameters.values())[1:]:
            if parameter.name not in hints:
                raise SetupError(f"command {self.name}: parameter {parameter.name} needs a type")
            annotation, refers = split_reference(hints[parameter.name])
            required = parameter.default is inspect.Parameter.empty
            default = None if required else parameter.default
            found.append(Parameter(parameter.name, annotation, default, required, refers))
        return tuple(found)

    @cached_property
    def payload(self) -> tuple[PayloadField, ...]:
        """The fields of the payload: one per result, or one per field of a returned dataclass."""
        returned = self._hints.get("return")
        if returned is None or returned is type(None):
            return ()
        core, _, many = strip(returned)
        if dataclasses.is_dataclass(core) and not many and not _is_model(core) and self._payload is None:
            hints = typing.get_type_hints(core, include_extras=True)
            return tuple(self._field(field.name, hints[field.name]) for field in dataclasses.fields(core))
        return (self._field(self._payload, returned),)

    def payload_values(self, result: Any) -> dict[str, Any]:
        """The returned value by payload field."""
        fields = self.payload
        if not fields:
            return {}
        if len(fields) == 1 and (self._payload is not None or not _fields_of(result, fields)):
            return {fields[0].name: result}
        return {field.name: getattr(result, field.name) for field in fields}

    def _field(self, name: str | None, annotation: Any) -> PayloadField:
        core, nullable, many = strip(annotation)
        model = core if _is_model(core) else None
        if name is None:
            if model is None:
                raise SetupError(f'command {self.name}: name the payload field: @command(payload="total", …)')
            name = snake(model.__name__) + ("s" if many else "")
        return PayloadField(name, annotation, model, many, nullable)

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        try:
            return typing.get_type_hints(self.function, include_extras=True)
        except NameError as error:
            raise SetupError(
                f"command {self.name} ({self.function.__module__}): {error}; import the name at module level, "
                "outside TYPE_CHECKING"
            ) from error


def command(
    *,
    permission: str | None,
    idempotency: Idempotency = "key",
    surface: Surface = "tenant",
    payload: str | None = None,
    exposed: bool = True,
    throttle: str | None = None,
    hidden: Sequence[str] = (),
) -> Callable[[Callable[P, R]], Command[P, R]]:
    """Declare a command.

    - ``permission``: what the actor must hold; None only for what anybody may do (signing in)
    - ``idempotency``: "key" demands an idempotency key from outside; "natural" may omit it, because
      a unique reference or a state already makes a repeat harmless; "none" stores no outcome
    - ``payload``: the payload field's name when the result is not a model
    - ``exposed``: False for commands that are no mutation
    - ``throttle``: name of the argument whose repeated use is throttled (signing in)
    - ``hidden``: names of arguments that are stored nowhere, not even in the audit trail (passwords)
    """

    def declare(function: Callable[P, R]) -> Command[P, R]:
        return Command(
            function,
            permission=permission,
            idempotency=idempotency,
            surface=surface,
            payload=payload,
            exposed=exposed,
            throttle=throttle,
            hidden=hidden,
        )

    return declare


def split_reference(annotation: Any) -> tuple[Any, RefTo | None]:
    """``Annotated[Ref, RefTo("Order")]`` -> (Ref, RefTo); also through ``| None``."""
    if get_origin(annotation) is typing.Annotated:
        marker = next((item for item in get_args(annotation)[1:] if isinstance(item, RefTo)), None)
        if marker is not None:
            return annotation, marker
    if get_origin(annotation) in (Union, types.UnionType):
        for item in get_args(annotation):
            _, marker = split_reference(item)
            if marker is not None:
                return annotation, marker
    return annotation, None


def strip(annotation: Any) -> tuple[Any, bool, bool]:
    """(inner type, nullable, list) of an annotation such as ``list[Order] | None``."""
    nullable = False
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [item for item in get_args(annotation) if item is not type(None)]
        nullable = len(inner) < len(get_args(annotation))
        annotation = inner[0]
    if get_origin(annotation) in (list, tuple):
        return get_args(annotation)[0], nullable, True
    return annotation, nullable, False


def snake(name: str) -> str:
    """OrderLine -> order_line."""
    return "".join(f"_{char.lower()}" if char.isupper() and index else char.lower() for index, char in enumerate(name))


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, TenantModel)


def _fields_of(result: Any, fields: tuple[PayloadField, ...]) -> bool:
    return dataclasses.is_dataclass(result) and all(hasattr(result, field.name) for field in fields)


Arguments = Mapping[str, Any]
