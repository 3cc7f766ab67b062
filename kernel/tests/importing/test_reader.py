"""Reading CSV: encodings, delimiters, quotes, and rows that are wrong."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from huikuan.importing import ImportFileError, ImportMapping
from huikuan.importing.reader import MAX_LINE, CsvFile, sniff_delimiter
from kernel.tests.importing.shop import csv_file


def rows_of(path: Path, mapping: ImportMapping | None = None) -> list[tuple[int, list[str], str | None]]:
    return [(row.number, row.cells, row.problem.code if row.problem else None) for row in CsvFile(path, mapping).rows()]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-32", "utf-32")],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-32"],
)
def test_unicode_is_recognised(tmp_path: Path, encoding: str, found: str) -> None:
    file = CsvFile(csv_file(tmp_path, "名称,价格", "金鱼,£1.50", encoding=encoding))
    assert file.facts.encoding == found
    assert file.header == ("名称", "价格")
    assert [row.cells for row in file.rows()] == [["金鱼", "£1.50"]]


@pytest.mark.parametrize("encoding", ["cp1252", "gb18030"])
def test_another_encoding_comes_from_the_mapping_or_the_command_line(tmp_path: Path, encoding: str) -> None:
    text = "ü" if encoding == "cp1252" else "金鱼"
    path = csv_file(tmp_path, "name,price", f"{text},1", encoding=encoding)
    assert rows_of(path, ImportMapping(encoding=encoding)) == [(2, [text, "1"], None)]
    assert [row.cells for row in CsvFile(path, encoding=encoding).rows()] == [[text, "1"]]


def test_utf8_wins_over_the_mapping_but_not_over_the_command_line(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "name", "é")
    assert CsvFile(path, ImportMapping(encoding="cp1252")).facts.encoding == "utf-8"
    assert [row.cells for row in CsvFile(path, encoding="cp1252").rows()] == [["Ã©"]]


def test_a_wrong_byte_is_named_with_offset_line_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"name\n" + b"plain\n" * 100_000 + b"gift \xa340\n")
    with pytest.raises(ImportFileError) as caught:
        CsvFile(path)
    assert "byte 0xA3 at offset 600,010 (line 100,002)" in caught.value.message
    assert "--encoding" in caught.value.message
    assert "cp1252" in caught.value.message


def test_a_wrong_byte_in_a_demanded_encoding_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"name\n\x80\xff\n")
    with pytest.raises(ImportFileError, match="not gb18030 text: byte 0x80 at offset 5"):
        CsvFile(path, encoding="gb18030")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        ("name\n金".encode("utf-16-le"), "utf-16-le"),
        (gzip.compress(b"a,b\n1,2\n" * 100)[:-9], "damaged"),
        (b'"name\n1\n', "header"),
    ],
    ids=["empty", "blank", "xlsx", "utf-16 without mark", "cut gzip", "open quote in header"],
)
def test_files_that_are_no_csv_say_what_they_are(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=message):
        CsvFile(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="No such file"):
        CsvFile(tmp_path / "absent.csv")
    with pytest.raises(ImportFileError, match="cannot be read"):
        CsvFile(tmp_path)


def test_gzip_is_recognised_by_content(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b", "1,2", name="orders.csv.gz")
    assert rows_of(path) == [(2, ["1", "2"], None)]
    assert rows_of(path.rename(tmp_path / "orders.csv")) == [(2, ["1", "2"], None)]


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1,5;2,5;x\n", ";"),
        ("a\tb\n1,2\t3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("only\n1\n", ","),
        ('name,note\n"a;b;c","d;e"\n', ","),
        ("a,b;c\n1;2\n3;4\n", ";"),
    ],
    ids=["comma", "semicolon", "tab", "bar", "one column", "quoted", "comma in header"],
)
def test_the_delimiter_is_found_out(sample: str, delimiter: str) -> None:
    assert sniff_delimiter(sample) == delimiter


def test_excels_own_first_line_declares_the_delimiter_and_is_no_row(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "sep=|", "a,b|c", "1|2")
    assert CsvFile(path).header == ("a,b", "c")
    assert rows_of(path) == [(2, ["1", "2"], None)]


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b", '"two', 'lines",1', "", "x,2")
    assert rows_of(path) == [(2, ["two\nlines", "1"], None), (4, ["x", "2"], None)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_all_line_ends_are_read_and_those_in_quotes_kept(tmp_path: Path, end: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(f'a,b{end}"1{end}2",3{end}4,5'.encode())
    assert rows_of(path) == [(2, [f"1{end}2", "3"], None), (3, ["4", "5"], None)]


def test_a_row_with_the_wrong_number_of_fields_is_a_problem_of_that_row(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b,c", "1,2", "1,2,3,4", "1,2,3")
    file = CsvFile(path)
    few, many, good = file.rows()
    assert few.problem is not None
    assert (few.problem.code, few.problem.value) == ("TOO_FEW_FIELDS", "1,2")
    assert many.problem is not None
    assert many.problem.code == "TOO_MANY_FIELDS"
    assert "must stand in quotes" in many.problem.message
    assert good.problem is None


def test_empty_fields_at_the_end_are_no_problem(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b,,", "1,2,,,", "3,4", ",,,", "5,6,x")
    assert [cells for _, cells, problem in rows_of(path) if not problem] == [
        ["1", "2", "", ""],
        ["3", "4", "", ""],
        ["5", "6", "x", ""],
    ]


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    good = [f"{number},x" for number in range(500)]
    path = csv_file(tmp_path, "a,b", "first,x", '"open,x', *good, '"1",x')
    rows = rows_of(path)
    assert [(number, code) for number, _, code in rows if code] == [(3, "BAD_QUOTES")]
    assert len(rows) == 503


def test_a_quote_that_closes_much_later_costs_one_row_too(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b", '"open,x', "1,x", "2,x", '3,"x"', "4,x")
    rows = rows_of(path)
    assert [(number, code) for number, _, code in rows if code] == [(2, "BAD_QUOTES")]
    assert [cells[0] for _, cells, code in rows if not code] == ["1", "2", "3", "4"]


def test_a_field_over_the_limit_and_an_endless_line_cost_one_row_each(tmp_path: Path) -> None:
    long_field, long_line = "x" * (csv.field_size_limit() + 1), "y" * (MAX_LINE * 2 + 5)
    path = csv_file(tmp_path, "a,b", f"{long_field},1", "good,2", f"{long_line},3", "good,4")
    assert [(number, code) for number, _, code in rows_of(path)] == [
        (2, "FIELD_TOO_LONG"),
        (3, None),
        (4, "LINE_TOO_LONG"),
        (5, None),
    ]


def test_a_nul_character_is_a_problem_of_its_row_and_column(tmp_path: Path) -> None:
    rows = list(CsvFile(csv_file(tmp_path, "a,b", "1,x\0y", "2,z")).rows())
    assert rows[0].problem is not None
    assert (rows[0].problem.code, rows[0].problem.column) == ("NUL_CHARACTER", "b")
    assert rows[0].problem.value == "x\N{SYMBOL FOR NULL}y"
    assert rows[1].problem is None


def test_a_quote_within_an_unquoted_field_is_text(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b", 'RULER 12",1', '"12"" ruler",2')
    assert rows_of(path) == [(2, ['RULER 12"', "1"], None), (3, ['12" ruler', "2"], None)]


def test_quotes_can_be_turned_off(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b", '"x,1')
    assert rows_of(path, ImportMapping(quote="")) == [(2, ['"x', "1"], None)]


def test_a_file_that_changes_between_two_passes_is_noticed(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b", "1,2")
    file = CsvFile(path)
    csv_file(tmp_path, "a,b", "1,2", "3,4")
    with pytest.raises(ImportFileError, match="changed while"):
        list(file.rows())
