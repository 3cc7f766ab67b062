"""Projection: which columns one statement reads, of a node's table and of the tables joined to it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Select, Uuid, and_, bindparam, select
from sqlalchemy import inspect as inspect_model

from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.engine.codecs import Codec, codec_of
from huikuan.graphql.ordering import Columns

__all__ = ["MAX_JOINS", "TENANT", "Projection", "Source"]

TENANT = "huikuan_tenant"
MAX_JOINS = 8
"""Beyond it, objects that rows refer to are read by a statement of their own."""


def tenant_bind() -> Any:
    """The tenant of the request."""
    return bindparam(TENANT, type_=Uuid())


@lru_cache(maxsize=2_048)
def _aliased(model: Any, name: str) -> Columns:
    """A model's table under an alias: making one copies every column, so it is made once."""
    return Columns(model, model.__table__.alias(name))


class Source:
    """One table of a statement, under its alias."""

    def __init__(self, projection: Projection, decl: NodeDecl, name: str) -> None:
        self.projection = projection
        self.decl = decl
        self.tenanted = "tenant_id" in inspect_model(decl.model).column_attrs
        model: Any = decl.model
        self.columns = _aliased(model, name)

    def index(self, attribute: str) -> int:
        """Where a column stands in the rows; it is read from now on."""
        return self.projection.add(self, attribute)

    def join(self, attribute: str, decl: NodeDecl) -> Source:
        """The table that a column of this one refers to."""
        return self.projection.join(self, attribute, decl)

    def fence(self) -> list[Any]:
        """The condition that keeps the tenant's rows."""
        return [self.columns.tenant_id == tenant_bind()] if self.tenanted else []


class Projection:
    """Grows while a selection is planned; then its statements are built."""

    def __init__(self, decl: NodeDecl, dialect: Dialect) -> None:
        self.dialect = dialect
        self.codecs: list[Codec] = []
        self._expressions: list[Any] = []
        self._known: dict[tuple[int, str], int] = {}
        self._joins: list[tuple[Source, Any]] = []
        self.root = Source(self, decl, "t0")
        self.identity = self.root.index("id")

    @property
    def width(self) -> int:
        """Columns in a row."""
        return len(self._expressions)

    @property
    def full(self) -> bool:
        """Whether no more tables may be joined."""
        return len(self._joins) >= MAX_JOINS

    def add(self, source: Source, attribute: str) -> int:
        """The index of a column of a source."""
        key = (id(source), attribute)
        found = self._known.get(key)
        if found is None:
            column = getattr(source.columns, attribute)
            codec = codec_of(column.type, self.dialect)
            found = self._known[key] = len(self._expressions)
            self._expressions.append(codec.expression(column).label(f"c{found}"))
            self.codecs.append(codec)
        return found

    def expression(self, attribute: str) -> Any:
        """What selects a column of the node's own table once more."""
        column = getattr(self.root.columns, attribute)
        return codec_of(column.type, self.dialect).expression(column)

    def join(self, source: Source, attribute: str, decl: NodeDecl) -> Source:
        """Join the table of ``decl`` by the id that ``attribute`` holds."""
        joined = Source(self, decl, f"t{len(self._joins) + 1}")
        on = and_(*joined.fence(), joined.columns.id == getattr(source.columns, attribute))
        self._joins.append((joined, on))
        return joined

    def select(self, *extra: Any) -> Select[Any]:
        """The columns, fenced to the tenant."""
        tables: Any = self.root.columns.table
        for joined, on in self._joins:
            tables = tables.outerjoin(joined.columns.table, on)
        return select(*self._expressions, *extra).select_from(tables).where(*self.root.fence())
