"""Projection: which columns one statement reads, of a node's table and of the tables joined to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Select, Uuid, and_, bindparam, select
from sqlalchemy import inspect as inspect_model

from huikuan.db.prepared import COLUMNS, PreparedRead
from huikuan.graphql.decls import NodeDecl
from huikuan.graphql.engine.codecs import Codec, codec_of
from huikuan.graphql.ordering import Columns

__all__ = ["MAX_JOINS", "TENANT", "Projection", "Source"]

TENANT = "huikuan_tenant"
MAX_JOINS = 8
"""Beyond it, objects that rows refer to are read by a statement of their own."""
MOST_FRAMES = 4_000
_FRAMES: dict[Any, PreparedRead] = {}


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
        self.name = name
        self.tenanted = "tenant_id" in inspect_model(decl.model).column_attrs
        self.model: Any = decl.model
        alias: Any = _aliased  # mypy takes no class for hashable
        self.columns: Columns = alias(self.model, name)

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
        self._picked: dict[tuple[str, str], int] = {}
        self._joins: list[tuple[Source, Source, str]] = []
        self._sources: dict[str, Source] = {}
        self.root = self._source(decl)
        self.identity = self.root.index("id")

    @property
    def width(self) -> int:
        """Columns in a row."""
        return len(self.codecs)

    @property
    def full(self) -> bool:
        """Whether no more tables may be joined."""
        return len(self._joins) >= MAX_JOINS

    def add(self, source: Source, attribute: str) -> int:
        """The index of a column of a source."""
        key = (source.name, attribute)
        found = self._picked.get(key)
        if found is None:
            found = self._picked[key] = len(self.codecs)
            self.codecs.append(codec_of(getattr(source.columns, attribute).type, self.dialect))
        return found

    def expression(self, attribute: str) -> Any:
        """What selects a column of the node's own table once more."""
        column = getattr(self.root.columns, attribute)
        return codec_of(column.type, self.dialect).expression(column)

    def join(self, source: Source, attribute: str, decl: NodeDecl) -> Source:
        """Join the table of ``decl`` by the id that ``attribute`` holds."""
        joined = self._source(decl)
        self._joins.append((joined, source, attribute))
        return joined

    def select(self, *extra: Any) -> Select[Any]:
        """The columns, fenced to the tenant."""
        picked = [
            codec.expression(getattr(self._sources[name].columns, attribute)).label(f"c{index}")
            for ((name, attribute), index), codec in zip(self._picked.items(), self.codecs, strict=True)
        ]
        return self._from(*picked, *extra)

    def prepared(
        self, kind: tuple[Any, ...], finish: Callable[[Select[Any]], Select[Any]], extra: Sequence[str] = ()
    ) -> PreparedRead:
        """The statement that ``finish`` makes of a SELECT of the columns, and of ``extra`` columns of the node's own.

        ``kind`` says what ``finish`` adds: everything behind the columns is compiled once for each kind and set of
        tables, because most new documents differ in their columns alone.
        """
        tables = tuple((source.name, attribute, joined.decl.model) for joined, source, attribute in self._joins)
        key = (kind, self.root.decl.model, tables, self.dialect)
        frame = _FRAMES.get(key)
        if frame is None:
            if len(_FRAMES) >= MOST_FRAMES:
                _FRAMES.clear()
            frame = _FRAMES[key] = PreparedRead(finish(self._from(COLUMNS)), self.dialect)
        names = [*self._picked, *((self.root.name, attribute) for attribute in extra)]
        return frame.selecting(
            ", ".join(
                _column_text(self._sources[name].model, name, attribute, self.dialect) for name, attribute in names
            )
        )

    def _from(self, *columns: Any) -> Select[Any]:
        tables: Any = self.root.columns.table
        for joined, source, attribute in self._joins:
            on = and_(*joined.fence(), joined.columns.id == getattr(source.columns, attribute))
            tables = tables.outerjoin(joined.columns.table, on)
        return select(*columns).select_from(tables).where(*self.root.fence())

    def _source(self, decl: NodeDecl) -> Source:
        found = Source(self, decl, f"t{len(self._sources)}")
        self._sources[found.name] = found
        return found


@lru_cache(maxsize=20_000)
def _column_text(model: Any, name: str, attribute: str, dialect: Dialect) -> str:
    """A column as it stands in a SELECT, by the dialect's compiler."""
    column = getattr(_aliased(model, name), attribute)
    return str(codec_of(column.type, dialect).expression(column).compile(dialect=dialect))
