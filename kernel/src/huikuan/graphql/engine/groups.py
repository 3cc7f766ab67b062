"""Groups: objects of one type that are computed together, as columns of values."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huikuan.graphql.engine.places import Places
    from huikuan.graphql.engine.projection import Projection

__all__ = ["Group", "Items", "Rows"]

Column = Sequence[Any]


class Group:
    """``count`` objects; ``places`` says where they stand, None for the root."""

    __slots__ = ("count", "places")

    def __init__(self, count: int, places: Places | None) -> None:
        self.count = count
        self.places = places


class Items(Group):
    """Python objects: outputs, payloads, refusals."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[Any], places: Places | None) -> None:
        super().__init__(len(values), places)
        self.values = values


class Rows(Group):
    """Rows of one statement, by column, as the driver gave them."""

    __slots__ = ("_columns", "_python", "projection")

    def __init__(self, projection: Projection, columns: Sequence[Column], count: int, places: Places | None) -> None:
        super().__init__(count, places)
        self.projection = projection
        self._columns = columns
        self._python: dict[int, Column] = {}

    @classmethod
    def of(cls, projection: Projection, rows: Sequence[Sequence[Any]], places: Places | None) -> Rows:
        """Rows as the statement gave them."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * projection.width
        return cls(projection, columns, len(rows), places)

    def column(self, index: int) -> Column:
        """One column, as the driver gave it."""
        return self._columns[index]

    def python(self, index: int) -> Column:
        """One column, in the values that modules work with."""
        found = self._python.get(index)
        if found is None:
            found = self._python[index] = self.projection.codecs[index].python(self.column(index))
        return found

    def at(self, places: Places | None) -> Rows:
        """The same rows, standing elsewhere."""
        found = Rows(self.projection, self._columns, self.count, places)
        found._python = self._python
        return found

    def choose(self, chosen: Sequence[int], places: Places) -> Rows:
        """Some of the rows, in this order, also repeatedly."""
        return _Chosen(self, chosen, places)


class _Chosen(Rows):
    """Some rows of another group; a column is picked out when it is read."""

    __slots__ = ("_pick", "_whole")

    def __init__(self, whole: Rows, chosen: Sequence[int], places: Places) -> None:
        super().__init__(whole.projection, (), len(chosen), places)
        self._whole = whole
        self._pick: Any
        if len(chosen) == 1:
            only = chosen[0]
            self._pick = lambda column: (column[only],)
        elif chosen:
            self._pick = itemgetter(*chosen)
        else:
            self._pick = lambda column: ()
        self._columns: Any = {}

    def column(self, index: int) -> Column:
        found: Column | None = self._columns.get(index)
        if found is None:
            found = self._columns[index] = self._pick(self._whole.column(index))
        return found

    def python(self, index: int) -> Column:
        found = self._python.get(index)
        if found is None:
            found = self._python[index] = self._pick(self._whole.python(index))
        return found

    def at(self, places: Places | None) -> Rows:
        found = _Chosen.__new__(_Chosen)
        Rows.__init__(found, self.projection, self._columns, self.count, places)
        found._whole, found._pick, found._python = self._whole, self._pick, self._python
        return found
