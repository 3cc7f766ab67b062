"""The planner: from a selection to the plan of one object type, and so on down.

It reads the declarations behind the schema's fields. Of rows it notes which columns are needed, so that a statement
selects those and no others; an object that a row refers to is joined to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type
from sqlalchemy import Dialect

from huikuan.errors import SetupError
from huikuan.graphql.decls import NodeDecl, OutputDecl
from huikuan.graphql.engine.arguments import FieldArguments
from huikuan.graphql.engine.batches import AddedField, BatchCall, BatchField, RowType
from huikuan.graphql.engine.codecs import IdCodec
from huikuan.graphql.engine.fetching import ById
from huikuan.graphql.engine.fields import Constant, FieldPlan, ObjectPlan
from huikuan.graphql.engine.leaves import leaf_of
from huikuan.graphql.engine.lists import ToManyField
from huikuan.graphql.engine.money import MoneyShape
from huikuan.graphql.engine.outputs import ReadField, ToAnyField
from huikuan.graphql.engine.pageplans import PagePlanner
from huikuan.graphql.engine.projection import Projection, Source
from huikuan.graphql.engine.rowfields import (
    AmountField,
    ColumnField,
    GlobalId,
    ReferredField,
    ToOneField,
    ValueField,
)
from huikuan.graphql.engine.selections import Selections
from huikuan.graphql.engine.values import (
    AnyValue,
    IdValue,
    LeafValue,
    ListValue,
    MoneyValue,
    NodeListValue,
    NodeValue,
    OutputValue,
    ValuePlan,
)
from huikuan.graphql.fielddecls import (
    BatchDecl,
    ColumnDecl,
    ConnectionDecl,
    FieldDecl,
    ToAnyDecl,
    ToManyDecl,
    ToOneDecl,
)
from huikuan.graphql.ids import encode_ids
from huikuan.graphql.ordering import list_terms
from huikuan.graphql.resolve import raw_columns
from huikuan.graphql.strawberry_types import declaration
from huikuan.graphql.typespec import NODE_MARK, Kind, TypeSpec

if TYPE_CHECKING:
    from huikuan.graphql.schema import TenantSchema

__all__ = ["Planner"]

Nodes = list[FieldNode]
Make = Callable[[str, str, Nodes], FieldPlan]


class Planner:
    """Plans the selections of one operation on one schema for one dialect."""

    def __init__(self, schema: TenantSchema, selections: Selections, dialect: Dialect, *, hide: bool) -> None:
        self.schema = schema
        self.build = schema.build
        self.selections = selections
        self.dialect = dialect
        self.hide = hide
        self.pages = PagePlanner(self)

    # --- what every object type has in common ------------------------------------------------

    def type(self, name: str) -> GraphQLObjectType:
        """An object type of the schema."""
        found = self.schema.core.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def object(self, type_: GraphQLObjectType, nodes: Nodes, make: Make) -> ObjectPlan:
        """The plan of what these nodes select; ``make`` plans one field by key, name and nodes."""
        return ObjectPlan(type_.name, self.fields(type_, self.selections.below(type_, nodes), make))

    def fields(self, type_: GraphQLObjectType, selected: dict[str, Nodes], make: Make) -> list[FieldPlan]:
        """The plans of selected fields."""
        found: list[FieldPlan] = []
        for key, nodes in selected.items():
            name = nodes[0].name.value
            typename = name == "__typename"
            found.append(Constant(key, nodes, type_.name) if typename else make(key, name, nodes))
        return found

    def arguments(self, field: GraphQLField, nodes: Nodes) -> FieldArguments:
        """The arguments of a field."""
        return FieldArguments(field, nodes[0], self.hide)

    # --- rows --------------------------------------------------------------------------------

    def rows(self, source: Source, nodes: Nodes) -> ObjectPlan:
        """What is selected of the rows of a source."""
        type_ = self.type(source.decl.name)

        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            if name == "id":
                return GlobalId(key, nodes, type_.name, source.index("id"))
            field = type_.fields[name]
            return self._row_field(key, nodes, source, field, declaration(field))

        return self.object(type_, nodes, make)

    def by_id(self, decl: NodeDecl, nodes: Nodes) -> ById:
        """What is selected of objects that are found by their ids."""
        projection = Projection(decl, self.dialect)
        return ById(projection, self.rows(projection.root, nodes))

    def _row_field(self, key: str, nodes: Nodes, source: Source, field: GraphQLField, decl: FieldDecl) -> FieldPlan:
        where = f"{decl.module}: {source.decl.name}.{decl.name}"
        if isinstance(decl, ColumnDecl):
            return self._column(key, nodes, source, field, decl)
        if isinstance(decl, ToOneDecl):
            return self._to_one(key, nodes, source, decl, self.build.node(decl.type, where))
        if isinstance(decl, ToManyDecl):
            target = self.build.node(decl.type.core, where)
            projection = Projection(target, self.dialect)
            plan = self.rows(projection.root, nodes)
            terms = list_terms(target, decl)
            index = source.index("id")
            return ToManyField(key, nodes, decl.permission, index, decl.attribute, terms, projection, plan)
        if isinstance(decl, ConnectionDecl):
            target = self.build.node(decl.type.core, where)
            index = source.index("id")
            return self.pages.field(key, nodes, field, target, decl.permission, decl.attribute, index)
        if isinstance(decl, ToAnyDecl):
            columns = source.index(decl.type_attribute), source.index(decl.id_attribute)
            return ToAnyField(key, nodes, decl.permission, columns, self.any(nodes))
        assert isinstance(decl, BatchDecl)
        return self._batch(key, nodes, source, field, decl, where)

    def _column(self, key: str, nodes: Nodes, source: Source, field: GraphQLField, decl: ColumnDecl) -> FieldPlan:
        spec, nullable, permission = decl.type, decl.type.nullable, decl.permission
        index = source.index(decl.columns[0])
        codec = source.projection.codecs[index]
        if spec.kind is Kind.MONEY:
            columns = index, source.index(decl.columns[1])
            scale = getattr(codec.type, "scale", None)
            return AmountField(key, nodes, nullable, permission, columns, scale, self._money(nodes))
        encode = codec.json(spec)
        if spec.kind is Kind.ID and isinstance(codec, IdCodec):
            encode = lambda values: _global_ids(spec.name, values)  # noqa: E731
        if encode is not None:
            # The database keeps nulls out of such a column, and JSON's own null is not among these kinds.
            sure = spec.kind is not Kind.JSON and not getattr(source.columns, decl.columns[0]).nullable
            return ColumnField(key, nodes, nullable, permission, index, encode, sure=sure)
        value = self.value(spec, nodes, f"{source.decl.name}.{decl.name}", field)
        return ValueField(key, nodes, nullable, permission, index, value)

    def _to_one(self, key: str, nodes: Nodes, source: Source, decl: ToOneDecl, target: NodeDecl) -> FieldPlan:
        if source.projection.full:
            index = source.index(decl.attribute)
            return ReferredField(key, nodes, decl.type.nullable, decl.permission, index, self.by_id(target, nodes))
        joined = source.join(decl.attribute, target)
        plan = self.rows(joined, nodes)
        permissions = decl.permission, target.permission
        return ToOneField(key, nodes, decl.type.nullable, permissions, plan, joined.index("id"))

    def _batch(
        self, key: str, nodes: Nodes, source: Source, field: GraphQLField, decl: BatchDecl, where: str
    ) -> FieldPlan:
        attributes: dict[str, tuple[int, ...]] = {"id": (source.index("id"),)}
        for attribute in decl.requires:
            columns = raw_columns(source.decl.model, attribute, where)
            attributes[attribute] = tuple(source.index(column) for column in columns)
        call = self._call(nodes, source.decl.name, field, decl)
        rows = RowType(source.decl.name, attributes)
        value = self.value(decl.type, nodes, where, field)
        return BatchField(key, nodes, decl.type.nullable, call, rows, source.index("id"), value)

    def _call(self, nodes: Nodes, type_name: str, field: GraphQLField, decl: BatchDecl) -> BatchCall:
        return BatchCall(decl, type_name, self.arguments(field, nodes) if decl.arguments else None)

    # --- values ------------------------------------------------------------------------------

    def value(self, spec: TypeSpec, nodes: Nodes, where: str, field: GraphQLField) -> ValuePlan:
        """How values of a type are completed, apart from being null."""
        if spec.item is not None:
            item = self.value(spec.item, nodes, where, field)
            if isinstance(item, NodeValue) and not spec.item.nullable:
                return NodeListValue(item)
            return ListValue(item, spec.item.nullable)
        match spec.kind:
            case Kind.MONEY:
                return MoneyValue(self._money(nodes))
            case Kind.NODE:
                return NodeValue(self.by_id(self.build.node(spec, where), nodes), where)
            case Kind.DATACLASS:
                return OutputValue(self._output(spec, nodes, where))
            case Kind.ANY:
                return self.any(nodes)
            case Kind.ID:
                return IdValue(spec.name, where)
        leaf: Any = get_named_type(field.type)
        return LeafValue(leaf_of(spec, leaf))

    def any(self, nodes: Nodes) -> AnyValue:
        """Objects of any type; each type is planned when the first of its objects comes."""
        planned: dict[str, ById] = {}

        def target(decl: NodeDecl) -> Callable[[], ById]:
            def plan() -> ById:
                found = planned.get(decl.name)
                if found is None:
                    found = planned[decl.name] = self.by_id(decl, nodes)
                return found

            return plan

        decls = {**self.build.by_model_name, **self.build.nodes}
        return AnyValue({name: target(decl) for name, decl in decls.items()}, self.build.nodes.keys())

    def _money(self, nodes: Nodes) -> MoneyShape:
        selected = self.selections.below(self.type("Money"), nodes)
        return MoneyShape([(key, nodes[0].name.value) for key, nodes in selected.items()])

    def _output(self, spec: TypeSpec, nodes: Nodes, where: str) -> ObjectPlan:
        decl = vars(spec.python).get(NODE_MARK)
        if not isinstance(decl, OutputDecl):
            raise SetupError(f"{where}: {spec.python.__name__} is shown; declare it with @output")
        type_ = self.type(decl.name)

        def make(key: str, name: str, nodes: Nodes) -> FieldPlan:
            field = type_.fields[name]
            own = declaration(field)
            inner = f"{own.module if isinstance(own, BatchDecl) else decl.module}: {decl.name}.{own.name}"
            if isinstance(own, BatchDecl):
                call = self._call(nodes, decl.name, field, own)
                return AddedField(key, nodes, own.type.nullable, call, self.value(own.type, nodes, inner, field))
            return self.read(key, nodes, own.name, own.type, field, inner)

        return self.object(type_, nodes, make)

    def read(
        self, key: str, nodes: Nodes, attribute: str, spec: TypeSpec, field: GraphQLField, where: str
    ) -> FieldPlan:
        """A field that is an attribute of Python objects."""

        def get(value: Any) -> Any:
            return getattr(value, attribute)

        return ReadField(key, nodes, spec.nullable, get, self.value(spec, nodes, where, field))


def _global_ids(type_name: str, values: Sequence[Any]) -> Sequence[Any]:
    if None not in values:
        return encode_ids(type_name, values)
    made = iter(encode_ids(type_name, [value for value in values if value is not None]))
    return [None if value is None else next(made) for value in values]
