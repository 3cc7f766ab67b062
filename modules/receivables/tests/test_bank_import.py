"""Statements come in: every line once, as it was (CAS-1, CAS-2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from huikuan.importing import ImportSummary, mapping_from_data
from huikuan.importing_commands import import_file
from huikuan.testing.shop import Shop
from huikuan_receivables.models import BankLine
from modules.receivables.tests.statements import HEADER, Bank

LINE = "2026-01-05,100.00,EUR,Invoice 1,{},,,,"
GERMAN = """decimal = ","
thousands = "."
date_formats = ["%d.%m.%Y"]
encoding = "cp1252"
delimiter = ";"
[columns]
on = "Buchungstag"
amount = "Betrag"
text = "Verwendungszweck"
payer_name = "Auftraggeber"
"""


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


def raws(shop: Shop) -> list[object]:
    with shop.reading() as ctx:
        return list(ctx.scalars(select(BankLine.raw).order_by(BankLine.on, BankLine.row)))


def test_the_same_file_again_brings_nothing_new(bank: Bank) -> None:
    file = f"{HEADER}\n{LINE.format('T-1')}\n{LINE.format('')}\n{LINE.format('')}\n"
    first, again = bank.send(file), bank.send(file)
    assert (first["read"], first["created"], first["unchanged"]) == (3, 3, 0), "two equal lines are two payments"
    assert (again["read"], again["created"], again["unchanged"]) == (3, 0, 3)
    assert first["file"]["id"] == again["file"]["id"]
    assert len(bank.lines()) == 3


def test_files_may_overlap(bank: Bank) -> None:
    morning = f"{HEADER}\n{LINE.format('')}\n"
    evening = f"{HEADER}\n{LINE.format('')}\n{LINE.format('')}\n2026-01-05,7,EUR,other,,,,,\n"
    assert bank.send(morning)["created"] == 1
    assert bank.send(evening)["created"] == 2
    assert bank.send(morning)["created"] == 0


def test_a_reference_is_known_again_on_its_day_only(bank: Bank) -> None:
    bank.send(f"{HEADER}\n{LINE.format('T-1')}\n")
    more = bank.send(
        f"{HEADER}\n2026-01-05,100.00,EUR,another text,T-1,,,,\n2026-01-06,100.00,EUR,Invoice 1,T-1,,,,\n"
        "2026-01-05,90.00,EUR,Invoice 1,T-1,,,,\n"
    )
    assert (more["created"], more["unchanged"]) == (1, 1)
    [problem] = more["problems"]
    assert (problem["row"], problem["code"]) == (4, "LINE_DIFFERS"), "another amount is not swallowed"


def test_another_account_has_lines_of_its_own(shop: Shop, bank: Bank) -> None:
    other = Bank(shop, "OTHER")
    file = f"{HEADER}\n{LINE.format('T-1')}\n"
    assert (bank.send(file)["created"], other.send(file)["created"]) == (1, 1)


def test_the_raw_line_is_kept_with_columns_that_mean_nothing(shop: Shop) -> None:
    bank = Bank(shop, mapping=GERMAN)
    file = "Buchungstag;Betrag;Verwendungszweck;Auftraggeber;Saldo\n05.01.2026;1.234,50;Überweisung;Müller;9.999,99\n"
    answer = bank.send(file.encode("cp1252"))
    assert (answer["created"], answer["problems"]) == (1, [])
    [line] = bank.lines()
    assert (line["amount"]["amount"], line["text"]) == ("1234.50", "Überweisung")
    assert raws(shop) == [
        {
            "Buchungstag": "05.01.2026",
            "Betrag": "1.234,50",
            "Verwendungszweck": "Überweisung",
            "Auftraggeber": "Müller",
            "Saldo": "9.999,99",
        }
    ]
    shop.mutate("bankSourceChange", id=bank.id, mapping=GERMAN.replace("Auftraggeber", "Saldo"))
    again = bank.send(file.encode("cp1252"))
    assert (again["created"], again["unchanged"]) == (0, 1), "the same row of the same file, however it is read"


def test_chinese_headers_and_two_columns_of_amounts_are_understood(shop: Shop) -> None:
    bank = Bank(shop, mapping='encoding = "gb18030"')
    rows = (
        "交易日期,贷方金额,借方金额,币种,摘要,交易流水号",
        "2026-01-05,500.00,,CNY,货款,A1",
        "2026-01-05,,20,CNY,手续费,A2",
    )
    assert bank.send("\n".join(rows).encode("gb18030"))["created"] == 2
    came, went = bank.lines()
    assert (came["status"], came["amount"]) == ("OPEN", {"amount": "500.00", "currency": "CNY"})
    assert (went["status"], went["amount"]["amount"], went["note"]) == ("OPEN", "-20.00", None)


def test_rows_that_are_wrong_are_named_and_cost_no_others(bank: Bank) -> None:
    answer = bank.send(
        f"{HEADER}\nyesterday,1,EUR,,,,,,\n2026-01-05,,EUR,,,,,,\n2026-01-05,1.001,EUR,,,,,,\n2026-01-05,1,EUR,,,,,,\n"
        f"2026-01-05,10000000000000.01,EUR,,,,,,\n2026-01-05,{'9' * 25},EUR,,,,,,\n2026-01-05,1,USD,,,,,,{10**9}\n"
    )
    assert answer["created"] == 1
    assert [(it["row"], it["code"]) for it in answer["problems"]] == [
        (2, "NOT_A_DATE"),
        (3, "NO_AMOUNT"),
        (4, "BAD_AMOUNT"),
        (6, "BAD_AMOUNT"),
        (7, "BAD_AMOUNT"),
        (8, "BAD_RATE"),
    ]


def test_what_is_no_statement_is_refused(shop: Shop, bank: Bank) -> None:
    assert bank.send("a,b\n1,2\n").failed("BAD_USER_INPUT")
    assert bank.send("").failed("BAD_USER_INPUT")
    assert shop.mutate("bankSourceChange", id=bank.id, mapping="on = ").failed("BAD_USER_INPUT")
    shop.mutate("bankSourceChange", id=bank.id, archived=True)
    assert bank.send(f"{HEADER}\n{LINE.format('')}\n").refused("RECEIVABLES_SOURCE_ARCHIVED")
    clash = {"code": "MAIN", "name": "Another", "currency": "EUR"}
    assert shop.mutate("bankSourceCreate", input=clash).refused("RECEIVABLES_SOURCE_TAKEN")
    assert bank.lines() == []


def test_the_command_line_imports_too(shop: Shop, bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "january.csv"
    path.write_text(
        "when,how much,what\n2026-01-05,10.00,first\n2026-01-05,10.00,first\n2026-01-06,20.00,second\n2026-01-07,,x\n"
    )
    mapping = mapping_from_data(
        {"columns": {"account": {"constant": "MAIN"}, "on": "when", "amount": "how much", "text": "what"}}
    )

    def bring_in() -> ImportSummary:
        importer = shop.scope.composition.importers["bank"][0]
        return import_file(shop.kernel, shop.scope, importer, path, mapping=mapping)

    first, again = bring_in(), bring_in()
    assert (first.units.created, first.units.failed) == (3, 1)
    assert (again.units.created, again.units.unchanged) == (0, 3)
    assert raws(shop)[0] == {"when": "2026-01-05", "how much": "10.00", "what": "first"}
    assert shop.query("{ bankFiles { nodes { name source { code } } } }")["bankFiles"]["nodes"] == [
        {"name": "january.csv", "source": {"code": "MAIN"}}
    ]
    assert not shop.check()
