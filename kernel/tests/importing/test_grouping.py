"""Rows of one key come together wherever they stand, each exactly once, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from huikuan.importing.errors import Problem
from huikuan.importing.grouping import Grouping, RawUnit
from huikuan.importing.reader import RawRow
from kernel.tests.importing.memory import peak_mib


def rows(keys: Iterable[str | None]) -> list[RawRow]:
    return [
        RawRow(number, [key or "", f"cell {number}"], None if key else Problem(number, None, "BAD", "no key"))
        for number, key in enumerate(keys, 2)
    ]


def grouped(source: list[RawRow]) -> list[RawUnit]:
    with closing(Grouping(lambda: source, lambda row: row.cells[0] or None)) as grouping:
        assert list(grouping.index()) == list(range(1, len(source) + 1))
        first, second = list(grouping), list(grouping)
    assert first == second
    return first


def test_scattered_rows_come_together_at_their_first_row() -> None:
    units = grouped(rows(["A", "A", "B", "A", "C", "B", "B", "A"]))
    assert [(unit.key, [row.number for row in unit.rows]) for unit in units] == [
        ("A", [2, 3, 5, 9]),
        ("B", [4, 7, 8]),
        ("C", [6]),
    ]


def test_a_row_without_a_key_stands_alone() -> None:
    units = grouped(rows(["A", None, "A", None]))
    assert [(unit.key, [row.number for row in unit.rows]) for unit in units] == [
        ("A", [2, 4]),
        ("row 3", [3]),
        ("row 5", [5]),
    ]


def test_a_late_row_keeps_its_problem() -> None:
    source = rows(["A", "B", "A"])
    source[2] = source[2]._replace(problem=Problem(4, "sku", "BAD", "wrong", "\0ü"))
    assert grouped(source)[0].rows == [source[0], source[2]]


@given(st.lists(st.sampled_from(["A", "B", "C", "D", "é", None]), max_size=40))
def test_grouping_keeps_every_row_exactly_once_and_in_order(keys: list[str | None]) -> None:
    source = rows(keys)
    units = grouped(source)
    assert sorted(row for unit in units for row in unit.rows) == source
    assert [unit.rows[0].number for unit in units] == sorted(unit.rows[0].number for unit in units)
    for unit in units:
        assert unit.rows == sorted(unit.rows)
        assert {row.cells[0] or f"row {row.number}" for row in unit.rows} == {unit.key}
    assert len({unit.key for unit in units}) == len(units)


SHUFFLED = """
from huikuan.importing.grouping import Grouping
from huikuan.importing.reader import RawRow

def rows():
    for number in range(2, 300_002):
        yield RawRow(number, [str(number * 7919 % 15_000), "x" * 100], None)

grouping = Grouping(rows, lambda row: row.cells[0])
for _ in grouping.index():
    pass
assert sum(len(unit.rows) for unit in grouping) == 300_000
"""


def test_a_wholly_shuffled_file_does_not_fill_the_memory() -> None:
    assert peak_mib(SHUFFLED) < 100
