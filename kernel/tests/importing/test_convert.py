"""Text to values: what each type takes, and what it says about the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.errors import SetupError
from huikuan.importing import Column, ColumnMapping, ImportMapping
from huikuan.importing.convert import REMEMBERED, Converter, converter_for
from huikuan.importing.errors import ConversionError
from huikuan.importing.model import COLUMN_TYPES

GERMAN = ImportMapping(decimal=",", thousands=".")


def convert(column: Column, text: str, mapping: ImportMapping | None = None, **source: Any) -> Any:
    return converter_for(column, ColumnMapping(source="x", **source), mapping or ImportMapping())[text]


def code(column: Column, text: str, mapping: ImportMapping | None = None, **source: Any) -> str:
    with pytest.raises(ConversionError) as caught:
        convert(column, text, mapping, **source)
    return caught.value.code


NUMBER, WHOLE, TEXT = Column("n", "decimal"), Column("n", "integer"), Column("t")
DAY, TIME, FLAG = Column("d", "date"), Column("m", "datetime"), Column("f", "boolean")
STATE = Column("s", "enum", choices=("OPEN", "CLOSED"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.55", "2.55"),
        (" -6 ", "-6"),
        ("+.5", "0.5"),
        ("7.", "7"),
        ("0000611365", "611365"),
        ("2.550", "2.550"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert convert(NUMBER, text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["1,5", "1e5", "NaN", "Infinity", "１２", "1 000", "1.2.3", "--1", "£3", "1_000", "9" * 29]
)
def test_what_is_no_number_is_not_guessed(text: str) -> None:
    assert code(NUMBER, text) == "NOT_A_NUMBER"


def test_the_message_about_a_number_knows_the_usual_causes() -> None:
    with pytest.raises(ConversionError, match="set decimal and thousands in the mapping"):
        convert(NUMBER, "1.234,50")
    with pytest.raises(ConversionError, match="spreadsheet has shortened it"):
        convert(NUMBER, "1.23E+11")


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,50", "1234.50"), ("1234,5", "1234.5"), ("-12.345.678", "-12345678")]
)
def test_separators_of_another_country(text: str, value: str) -> None:
    assert convert(NUMBER, text, GERMAN) == Decimal(value)


@pytest.mark.parametrize("text", ["12.34", "1.2345", "1,2,3", "1,234.5", ".123", "1..234"])
def test_a_separator_in_the_wrong_place_is_refused(text: str) -> None:
    assert code(NUMBER, text, GERMAN) == "NOT_A_NUMBER"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_a_number_survives_being_written_in_another_country(number: Decimal) -> None:
    german = f"{number:,.4f}".translate(str.maketrans(",.", ".,"))
    assert convert(NUMBER, german, GERMAN) == number


def test_decimals_are_limited_but_zeros_at_the_end_are_not_decimals() -> None:
    cents = Column("price", "decimal", places=2)
    assert convert(cents, "2.5500") == Decimal("2.55")
    assert code(cents, "2.555") == "TOO_MANY_DECIMALS"


def test_whole_numbers() -> None:
    assert convert(WHOLE, "6.0") == 6
    assert code(WHOLE, "6.5") == "NOT_A_WHOLE_NUMBER"


def test_texts_keep_leading_zeros_and_inner_space() -> None:
    assert convert(TEXT, " 0000611365 ") == "0000611365"
    assert convert(TEXT, "17850.0") == "17850.0"
    assert convert(TEXT, "17850.0", whole_number=True) == "17850"
    assert convert(TEXT, "12346.5", whole_number=True) == "12346.5"
    assert code(Column("t", max_length=3), "abcd") == "VALUE_TOO_LONG"


def test_nothing_is_none_or_the_default_or_an_error() -> None:
    needed = Column("t", required=True)
    assert convert(TEXT, "  ") is None
    assert convert(TEXT, "NULL", ImportMapping(empty=("NULL",))) is None
    assert convert(needed, "", default="CASH") == "CASH"
    assert code(needed, "") == "VALUE_REQUIRED"


def test_values_are_translated_before_they_are_converted() -> None:
    assert convert(STATE, "offen", values={"offen": "open"}) == "OPEN"
    assert code(Column("t", required=True), "n/a", values={"n/a": ""}) == "VALUE_REQUIRED"


def test_enums_say_what_they_take() -> None:
    with pytest.raises(ConversionError, match=r"one of OPEN, CLOSED\. Did you mean 'CLOSED'\?"):
        convert(STATE, "close")


def test_booleans() -> None:
    assert [convert(FLAG, text) for text in ("Yes", "1", "是", "No", "F", "否")] == [True] * 3 + [False] * 3
    assert code(FLAG, "maybe") == "NOT_A_BOOLEAN"


def test_dates() -> None:
    assert convert(DAY, "2026-06-30") == date(2026, 6, 30)
    assert convert(DAY, "2010-12-01 00:00:00") == date(2010, 12, 1)
    assert convert(DAY, "4/6/2013", formats=("%m/%d/%Y",)) == date(2013, 4, 6)
    assert convert(DAY, "1.2.2026", ImportMapping(date_formats=("%Y", "%d.%m.%Y"))) == date(2026, 2, 1)
    for text in ("2026-02-30", "2010-12-01 08:26:00", "20101201", "4/6/2013", "2010-W01-1"):
        assert code(DAY, text) == "NOT_A_DATE"
    assert code(DAY, "2026-06-30", formats=("%m/%d/%Y",)) == "NOT_A_DATE"


def test_times_become_utc() -> None:
    shanghai = ImportMapping(timezone="Asia/Shanghai")
    assert convert(TIME, "2010-12-01 08:26:00") == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert convert(TIME, "2010-12-01 08:26:00", shanghai) == datetime(2010, 12, 1, 0, 26, tzinfo=UTC)
    assert convert(TIME, "2010-12-01T08:26:00+01:00", shanghai) == datetime(2010, 12, 1, 7, 26, tzinfo=UTC)
    assert convert(TIME, "12/1/2010 8:26", formats=("%m/%d/%Y %H:%M",)) == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    for text in ("2010-12-01 25:00", "yesterday", "2010-13-01 00:00"):
        assert code(TIME, text) == "NOT_A_TIME"
    assert code(TIME, "0001-01-01 00:00", shanghai) == "NOT_A_TIME"


def test_a_text_is_converted_once_and_an_error_each_time() -> None:
    calls: list[str] = []

    def parse(text: str) -> int:
        calls.append(text)
        if text == "bad":
            raise ConversionError("BAD", "bad")
        return len(text)

    converter = Converter(parse)
    assert [converter["ab"], converter["ab"]] == [2, 2]
    for _ in range(2):
        with pytest.raises(ConversionError):
            converter["bad"]
    assert calls == ["ab", "bad", "bad"]
    for number in range(REMEMBERED + 10):
        converter[str(number)]
    assert len(converter) <= REMEMBERED


@pytest.mark.parametrize("kind", COLUMN_TYPES)
@given(text=st.text())
def test_any_text_is_a_value_or_a_conversion_error(kind: Any, text: str) -> None:
    column = Column("x", kind, choices=("A",) if kind == "enum" else (), places=2)
    for mapping in (ImportMapping(), GERMAN, ImportMapping(date_formats=("%d.%m.%Y",))):
        try:
            convert(column, text, mapping)
        except ConversionError as error:
            assert error.code


def test_a_wrong_column_is_a_set_up_error() -> None:
    with pytest.raises(SetupError, match="has type 'money'"):
        Column("x", "money")  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="an enum needs them"):
        Column("x", "enum")
