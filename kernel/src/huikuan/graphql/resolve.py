"""From class bodies and signatures to fields: annotations resolved, columns checked against the model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args, get_origin

from sqlalchemy import inspect as inspect_model

from huikuan.errors import SetupError
from huikuan.graphql.fielddecls import (
    ArgumentDecl,
    BatchDecl,
    BatchMarker,
    ColumnDecl,
    ColumnMarker,
    ConnectionDecl,
    ConnectionMarker,
    FieldDecl,
    Marker,
    ToAnyDecl,
    ToAnyMarker,
    ToManyDecl,
    ToManyMarker,
    ToOneDecl,
    ToOneMarker,
)
from huikuan.graphql.naming import humanise, humanise_type
from huikuan.graphql.typespec import Kind, TypeSpec, hints_of, parse_type, text_of

__all__ = [
    "arguments_of",
    "description_of",
    "function_name",
    "module_of",
    "raw_columns",
    "resolve_batches",
    "resolve_fields",
]


def module_of(item: Any) -> str:
    """The module that owns a class or function, by its package."""
    package = str(item.__module__).partition(".")[0]
    return "kernel" if package == "huikuan" else package.removeprefix("huikuan_")


def description_of(cls: type[Any], name: str, model: type[Any] | None = None) -> str:
    """The docstring; first-party types must have one, a partner's gets plain words."""
    for source in (cls, model):
        text = (source.__dict__.get("__doc__") or "").strip() if source is not None else ""
        if text and not text.startswith(f"{source.__name__}("):  # type: ignore[union-attr]
            return inspect.cleandoc(text)
    if cls.__module__.partition(".")[0].partition("_")[0] == "huikuan":
        raise SetupError(f"{cls.__name__} ({cls.__module__}) needs a docstring: it becomes the description")
    return humanise_type(name)


def raw_columns(model: type[Any], attribute: str, where: str, currency: str | None = None) -> tuple[str, ...]:
    """The plain columns behind an attribute: its own, or the two of a composite."""
    mapper = inspect_model(model)
    if attribute in mapper.composites:
        return tuple(item.key for item in mapper.composites[attribute].props)
    if attribute not in mapper.column_attrs:
        raise SetupError(f"{where}: {model.__name__} has no column {attribute!r}")
    if currency is None:
        return (attribute,)
    if currency not in mapper.column_attrs:
        raise SetupError(
            f"{where}: Money needs a currency; {model.__name__} has no column {currency!r}, "
            "name one: column(currency=…)"
        )
    return (attribute, currency)


def resolve_fields(cls: type[Any], model: type[Any]) -> dict[str, FieldDecl]:
    """The fields of a class body, resolved against a model."""
    where = f"{cls.__name__} ({cls.__module__})"
    hints = hints_of(cls, where)
    found: dict[str, FieldDecl] = {}
    for name in _names(cls):
        marker = vars(cls).get(name, ColumnMarker(None, None))
        if not isinstance(marker, Marker):
            raise SetupError(f"{where}.{name}: give fields with column(), to_one(), to_many(), connection() or @batch")
        found[name] = _field(cls, model, name, marker, hints, f"{where}.{name}")
    _refuse_functions(cls)
    return found


def resolve_batches(cls: type[Any], target: type[Any]) -> dict[str, BatchDecl]:
    """The fields of a class body that extends an output: batch fields that require attributes of the dataclass."""
    where = f"{cls.__name__} ({cls.__module__})"

    def check(attribute: str, place: str) -> None:
        if attribute not in target.__dataclass_fields__:
            raise SetupError(f"{place}: {target.__name__} has no attribute {attribute!r}")

    found: dict[str, BatchDecl] = {}
    for name in _names(cls):
        marker = vars(cls).get(name)
        if not isinstance(marker, BatchMarker):
            raise SetupError(f"{where}.{name} extends the output {target.__name__}: contribute @batch fields")
        found[name] = _batch(cls, name, marker, f"{where}.{name}", check)
        if get_origin(hints_of(marker.function, where).get("return")) is dict:
            raise SetupError(f"{where}.{name}: outputs have no ids; return list[…], one value per object")
    _refuse_functions(cls)
    return found


def _names(cls: type[Any]) -> list[str]:
    markers = (key for key, value in vars(cls).items() if isinstance(value, Marker))
    return list(dict.fromkeys([*inspect.get_annotations(cls), *markers]))


def _refuse_functions(cls: type[Any]) -> None:
    for name, value in vars(cls).items():
        if inspect.isfunction(value) or isinstance(value, property):
            raise SetupError(
                f"{module_of(cls)}: {cls.__name__}.{name} is computed object by object; make it @batch: "
                "def name(ctx, rows) -> list[…], one call for all rows"
            )


def _field(
    cls: type[Any], model: type[Any], name: str, marker: Marker, hints: Mapping[str, Any], where: str
) -> FieldDecl:
    annotation = hints.get(name)
    if isinstance(marker, BatchMarker):
        return _batch(cls, name, marker, where, lambda attribute, place: raw_columns(model, attribute, place))
    if isinstance(marker, ConnectionMarker):
        spec = TypeSpec(Kind.LIST, item=parse_type(marker.target, where))
    elif isinstance(marker, ToAnyMarker):
        spec = TypeSpec(Kind.ANY, nullable=True)
    elif annotation is None:
        raise SetupError(f"{where} needs a type")
    else:
        spec = parse_type(annotation, where, name)
    text = marker.description or text_of(annotation) or _column_doc(model, name, marker) or humanise(name)
    common = (module_of(cls), name, spec, text, marker.permission)
    if isinstance(marker, ConnectionMarker):
        return ConnectionDecl(*common, marker.attribute)
    if isinstance(marker, ToManyMarker):
        if spec.item is None or spec.item.kind is not Kind.NODE:
            raise SetupError(f"{where}: to_many needs a list of a type declared with @node")
        return ToManyDecl(*common, marker.attribute, marker.order_by)
    if isinstance(marker, ToOneMarker):
        raw_columns(model, marker.attribute, where)
        if spec.kind is not Kind.NODE:
            raise SetupError(f"{where}: to_one needs a type declared with @node")
        return ToOneDecl(*common, marker.attribute)
    if isinstance(marker, ToAnyMarker):
        raw_columns(model, marker.type_attribute, where)
        raw_columns(model, marker.id_attribute, where)
        return ToAnyDecl(*common, marker.type_attribute, marker.id_attribute)
    assert isinstance(marker, ColumnMarker)
    return _column(model, marker, common, where)


def _column(
    model: type[Any], marker: ColumnMarker, common: tuple[str, str, TypeSpec, str, str | None], where: str
) -> ColumnDecl:
    spec = common[2]
    attribute = marker.attribute or common[1]
    if spec.kind in (Kind.NODE, Kind.ANY, Kind.DATACLASS) or spec.core.kind is Kind.NODE:
        raise SetupError(f"{where}: say how it is found: to_one(), to_many(), connection() or @batch")
    composite = attribute in inspect_model(model).composites
    currency = (marker.currency or "currency") if spec.kind is Kind.MONEY and not composite else None
    return ColumnDecl(*common, attribute=attribute, columns=raw_columns(model, attribute, where, currency))


def _column_doc(model: type[Any], name: str, marker: Marker) -> str | None:
    attribute = getattr(marker, "attribute", None) or name
    columns = inspect_model(model).column_attrs
    doc = columns[attribute].columns[0].doc if attribute in columns else None
    return (doc if doc.endswith(".") else f"{doc}.") if doc else None


def _batch(
    cls: type[Any], name: str, marker: BatchMarker, where: str, check: Callable[[str, str], object]
) -> BatchDecl:
    """``check`` raises unless an attribute is there, named with where it is required."""
    hints = hints_of(marker.function, where)
    returned = hints.get("return")
    spec = parse_type(returned, where) if returned is not None else None
    if spec is not None and spec.kind is Kind.JSON:  # dict[UUID, X]: one value per id, null where missing
        members: tuple[Any, ...] = get_args(returned)
        spec = replace(parse_type(members[1], where), nullable=True) if len(members) == 2 else None
    elif spec is not None:
        spec = spec.item
    if spec is None:
        raise SetupError(f"{where}: a batch field returns list[…], one value per row, or dict[UUID, …]")
    for attribute in marker.requires:
        check(attribute, f"{where}: requires")
    text = marker.description or inspect.cleandoc(marker.function.__doc__ or "") or humanise(name)
    arguments_ = arguments_of(marker.function, skip=2)
    return BatchDecl(module_of(cls), name, spec, text, marker.permission, marker.function, marker.requires, arguments_)


def arguments_of(function: Callable[..., Any], skip: int) -> tuple[ArgumentDecl, ...]:
    """The parameters after the first ``skip``, as arguments."""
    where = function_name(function)
    hints = hints_of(function, where)
    found = []
    for parameter in list(inspect.signature(function).parameters.values())[skip:]:
        if parameter.name not in hints:
            raise SetupError(f"{where}: parameter {parameter.name} needs a type")
        hint = hints[parameter.name]
        spec = parse_type(hint, f"{where}: {parameter.name}", parameter.name)
        required = parameter.default is inspect.Parameter.empty
        text = text_of(hint) or humanise(parameter.name)
        found.append(ArgumentDecl(parameter.name, spec, required, None if required else parameter.default, text))
    return tuple(found)


def function_name(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__qualname__', function)} ({function.__module__})"
