"""A tenant's settings take only what their module can work with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huikuan import Context, Level, Module, Refusal, Setting
from huikuan.errors import BadInput, HookError, SetupError
from huikuan.testing.shop import Shop
from huikuan_label.errors import LABEL_MISSING

SETTINGS = "{ settings { key value default accepts choices } }"


def setting(default: Any, **rule: Any) -> Setting:
    return Setting(default=default, description="A value", **rule)


def value_of(shop: Shop, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in shop.query(SETTINGS)["settings"] if row["key"] == key)
    return found


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        (setting(default=False), " TRUE ", True),
        (setting(default=7, least=0, most=30), "30", 30),
        (setting(default=7, least=-5), " -5 ", -5),
        (setting(default="order", choices=("order", "manual")), " Manual ", "manual"),
        (setting(default="INV-", most=20), "RE ", "RE "),
        (setting(default=None), "", ""),
    ],
)
def test_a_value_is_read_by_the_rule(declared: Setting, text: str, value: Any) -> None:
    assert declared.read(text) == value


@pytest.mark.parametrize(
    ("declared", "text", "says"),
    [
        (setting(default=False), "yes", "It is true or false, not 'yes'."),
        (setting(default=7, least=0, most=30), "31", "It is a whole number from 0 to 30, not '31'."),
        (setting(default=7, least=0), "-1", "It is a whole number from 0 to 10,000,000,000,000, not '-1'."),
        (setting(default=7), "9" * 5_000, "It is a whole number from -10,000,000,000,000 to 10,000,000,000,000"),
        (setting(default=7), "1_0", "It is a whole number"),
        (setting(default=7), "٣", "It is a whole number"),
        (setting(default="order", choices=("order", "manual")), "ordr", "It is one of order, manual, not 'ordr'."),
        (setting(default="INV-", most=20), "R" * 21, "It is a line of 0 to 20 characters"),
        (setting(default="INV-", least=1), "", "It is a line of 1 to 255 characters"),
        (setting(default=None), "a\x00b", "It is a line of 0 to 255 characters"),
        (setting(default=None), "a\nb", "It is a line of 0 to 255 characters"),
    ],
)
def test_what_the_rule_does_not_accept(declared: Setting, text: str, says: str) -> None:
    with pytest.raises(ValueError) as raised:
        declared.read(text)
    assert str(raised.value).startswith(says)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (setting(default=31, most=30), "the default of 'mm.x' does not fit. It is a whole number"),
        (setting(default="c", choices=("a", "b")), "the default of 'mm.x' does not fit. It is one of a, b"),
        (setting(default="A", choices=("a", "b")), "the default of 'mm.x' is written 'a' in its choices"),
        (setting(default="a", choices="ab"), "choices of 'mm.x' must be a list of texts"),
    ],
)
def test_a_default_that_its_own_rule_refuses_is_told_to_the_author(declared: Setting, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        Module(name="mm", title="M", settings={"mm.x": declared})


def test_a_wrong_value_changes_nothing(shop: Shop) -> None:
    assert shop.set("kernel.hold_expiry_days", "14").done
    for wrong in ("0", "3651", "soon", "", "1.5", "1e3"):
        with pytest.raises(BadInput, match=r"kernel\.hold_expiry_days cannot be that\. It is a whole number from 1 to"):
            shop.set("kernel.hold_expiry_days", wrong)
    assert value_of(shop, "kernel.hold_expiry_days") == {
        "key": "kernel.hold_expiry_days",
        "value": "14",
        "default": "30",
        "accepts": "a whole number from 1 to 3,650",
        "choices": [],
    }


def test_a_module_refuses_what_only_it_can_judge(shop: Shop) -> None:
    refused = shop.set("kernel.timezone", "Asia/Shangai").refusals
    assert [(found.code, found.field, found.module) for found in refused] == [("SETTING_INVALID", "value", "kernel")]
    assert value_of(shop, "kernel.timezone")["value"] == "UTC"
    assert shop.set("kernel.timezone", "Asia/Shanghai").done


def test_a_setting_that_nobody_declared(shop: Shop) -> None:
    with pytest.raises(BadInput, match="There is no setting"):
        shop.set("shelf.limits", "5")


def test_modules_judge_settings_of_others(shop: Shop, behaviour: dict[str, Callable[..., Any]]) -> None:
    def cautious(ctx: Context, key: str, value: Any) -> Refusal | None:
        if key != "shelf.limit" or value <= 200:
            return None
        return Refusal(LABEL_MISSING, "That is much.", level=Level.WARN if value <= 500 else Level.APPROVE)

    behaviour["kernel_before_setting"] = cautious
    shop.enable("label")
    assert [found.code for found in shop.set("shelf.limit", "300").warnings] == ["LABEL_MISSING"]
    assert [found.module for found in shop.set("shelf.limit", "501").refusals] == ["label"]
    assert value_of(shop, "shelf.limit")["value"] == "300"


def test_a_judge_that_breaks_changes_nothing(shop: Shop, behaviour: dict[str, Callable[..., Any]]) -> None:
    def broken(ctx: Context, key: str, value: Any) -> None:
        raise ZeroDivisionError

    behaviour["kernel_before_setting"] = broken
    shop.enable("label")
    with pytest.raises(HookError, match="kernel_before_setting"):
        shop.set("shelf.limit", "7")
    assert value_of(shop, "shelf.limit")["value"] == "100"
