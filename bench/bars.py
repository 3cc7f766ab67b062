"""A bar is a text such as "<= 1.5" or ">= 10 x"; what follows the number is its unit, for the reader."""

import operator
import re
from collections.abc import Callable
from enum import StrEnum

_BAR = re.compile(r"(?P<sign><=|>=|<|>|==)\s*(?P<number>\d[\d_]*(?:\.\d+)?)(?:\s*(?P<unit>\D.*))?")
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
}


class Verdict(StrEnum):
    MET = "met"
    MISSED = "MISSED"
    NO_BAR = "-"
    NOT_MEASURED = "NOT MEASURED"


def judge(value: float | None, bar: str | None) -> Verdict:
    if value is None:
        return Verdict.NOT_MEASURED
    if bar is None:
        return Verdict.NO_BAR
    match = _BAR.fullmatch(bar.strip())
    if match is None:
        raise ValueError(f"{bar!r} is not a bar; write it as '<= 1.5' or '>= 10 x'")
    met = _SIGNS[match["sign"]](value, float(match["number"]))
    return Verdict.MET if met else Verdict.MISSED
