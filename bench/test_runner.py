"""The bench runner itself: names, the table, the JSON object."""

import json
from pathlib import Path

import pytest

from bench.__main__ import as_json, as_table, load, main, names
from bench.bars import Verdict, judge


@pytest.mark.parametrize("name", ["", "no-such-bench"])
def test_an_unknown_name_is_one_line_that_lists_the_benches(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name] if name else []) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("bench: ")
    assert all(known in line for known in names())


def test_the_runner_is_no_bench() -> None:
    assert not {"machine", "bars", "test-runner", "--main--"} & set(names())


def test_every_bench_has_rows_with_readable_bars() -> None:
    for name in names():
        for row, bar in load(name).bars.items():
            assert judge(1.0, bar) in Verdict, f"{name}: {row}"


def test_the_table_shows_value_bar_and_verdict() -> None:
    bars = {"ratio": "<= 1.5", "gain": ">= 10 x", "lost": "< 1"}
    table = as_table({"ratio": 1.25, "gain": 9.0, "extra": 1234.5}, bars)
    words = [line.split() for line in table.splitlines()]
    assert words[1:] == [
        ["ratio", "1.25", "<=", "1.5", "met"],
        ["gain", "9", ">=", "10", "x", "MISSED"],
        ["extra", "1,234", "-", "-"],
        ["lost", "-", "<", "1", "NOT", "MEASURED"],
    ]


def test_the_json_names_the_machine_and_the_build_of_python() -> None:
    told = json.loads(as_json({"ratio": 1.25}))
    assert told["rows"] == {"ratio": 1.25}
    assert told["machine"]["cores"] >= 1
    assert isinstance(told["python"]["optimised"], bool)


def test_a_bar_that_cannot_be_read_says_how_to_write_one() -> None:
    with pytest.raises(ValueError, match=r"write it as '<= 1\.5'"):
        judge(1.0, "about two")


def test_a_bench_file_is_run_by_its_name_with_dashes() -> None:
    files = {path.stem for path in Path(__file__).parent.glob("*.py")}
    assert {name.replace("-", "_") for name in names()} <= files
