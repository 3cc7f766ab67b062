"""Signing in, staying signed in, and what each caller may do: rights are read fresh for every request."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from huikuan import BadInput, Forbidden
from huikuan.auth.errors import ApiKeyInvalid, LoginFailed, RefreshInvalid, TokenExpired, TokenInvalid
from huikuan.core.models import ApiKey, AuditEntry, Role, User
from huikuan.errors import LimitExceeded, NotFound, SetupError, Unauthenticated
from huikuan.runner import CommandResult, Scope
from huikuan.testing.shop import Shop
from kernel.tests.core.kit import at_once, rows

PASSWORD = "correct horse battery"
NEW = "staple of another kind"


class Door:
    """Signs in and sends requests as whoever holds the token."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.kernel = shop.kernel
        self.email = f"ann-{secrets.token_hex(4)}@example.com"

    def anonymous(self, command: str, **arguments: Any) -> CommandResult:
        scope = self.kernel.admit(None, request_id="r", client="192.0.2.1")
        return self.kernel.run(scope, command, arguments)

    def login(self, email: str | None = None, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        found = self.anonymous("login", email=email or self.email, password=password, **more)
        tokens: dict[str, Any] = found.values["tokens"]
        return tokens

    def refresh(self, token: str) -> CommandResult:
        return self.anonymous("token_refresh", refresh_token=token)

    def scope(self, token: str) -> Scope:
        return self.kernel.admit(f"Bearer {token}", request_id="r")

    def send(self, token: str, command: str, **arguments: Any) -> CommandResult:
        return self.kernel.run(self.scope(token), command, arguments, key=secrets.token_hex(8))


@pytest.fixture
def door(shop: Shop) -> Door:
    """Ann is an administrator of the shop."""
    door = Door(shop)
    made = shop.run("user_create", email=door.email, name="Ann", roles=["admin"], password=PASSWORD)
    assert made.done
    return door


def _operator(shop: Shop) -> str:
    email = f"op-{secrets.token_hex(4)}@example.com"
    shop.kernel.run(shop.kernel.control_scope(), "operator_create", {"email": email, "password": PASSWORD})
    return email


# --- signing in ----------------------------------------------------------------------------------


def test_a_token_names_the_tenant_and_the_user(shop: Shop, door: Door) -> None:
    tokens = door.login()
    assert tokens["tenant"] == shop.tenant
    assert tokens["expires_in"] == 15 * 60
    scope = door.scope(tokens["access_token"])
    assert (scope.tenant.slug, scope.actor.name) == (shop.tenant, door.email)
    assert scope.composition is shop.scope.composition
    assert door.send(tokens["access_token"], "item_add", code="a").done
    shop.pass_time(minutes=17)
    with pytest.raises(TokenExpired):
        door.scope(tokens["access_token"])


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong horse battery"}, {"email": "nobody@example.com"}, {"tenant": "another"}, {"password": ""}],
)
def test_whatever_is_wrong_the_answer_is_the_same(shop: Shop, door: Door, wrong: dict[str, str]) -> None:
    with pytest.raises(LoginFailed) as caught:
        door.login(**{"email": door.email, **wrong})
    assert (caught.value.message, caught.value.data) == (LoginFailed().message, LoginFailed().data)


def test_attempts_are_counted(door: Door) -> None:
    for _ in range(5):
        with pytest.raises(LoginFailed):
            door.login(password="wrong horse battery")
    with pytest.raises(LimitExceeded):
        door.login()


def test_one_login_many_tenants(shop: Shop, door: Door) -> None:
    other = shop.other_tenant("tag", slug=f"{shop.tenant}-other")
    other.run("user_create", email=door.email, name="Ann", roles=["admin"])  # the password stays
    with pytest.raises(BadInput, match=f"Name the tenant to enter: {shop.tenant}, {other.tenant}"):
        door.login()
    for tenant, modules in ((shop.tenant, frozenset({"shelf", "label"})), (other.tenant, frozenset({"tag"}))):
        scope = door.scope(door.login(tenant=tenant)["access_token"])
        assert (scope.tenant.slug, scope.composition.names) == (tenant, modules)


def test_without_a_token_one_can_only_sign_in(shop: Shop) -> None:
    scope = shop.kernel.admit(None, request_id="r")
    exposed = {name for name, (found, _) in scope.composition.commands.items() if found.surface == "anonymous"}
    assert exposed == {"login", "logout", "token_exchange", "token_refresh"}
    with pytest.raises(SetupError):
        shop.kernel.run(scope, "user_create", {})
    for header in ("Bearer", "Basic abc", "Bearer  ", "nonsense", ""):
        with pytest.raises(Unauthenticated):
            shop.kernel.admit(header, request_id="r")


def test_nothing_of_a_sign_in_is_stored_readable(shop: Shop, door: Door) -> None:
    tokens = door.login()
    with shop.kernel.reading(shop.kernel.control_scope()) as ctx:
        row = ctx.scalars(select(AuditEntry).where(AuditEntry.command == "login").order_by(AuditEntry.id))[-1]
    assert (row.input, row.changes) == (None, [])
    assert tokens["refresh_token"] not in str(vars(row))


# --- staying signed in ---------------------------------------------------------------------------


def test_a_refresh_token_is_exchanged_once(door: Door) -> None:
    first = door.login()
    second = door.refresh(first["refresh_token"]).values["tokens"]
    assert second["refresh_token"] != first["refresh_token"]
    assert door.scope(second["access_token"]).actor.name == door.email
    third = door.refresh(second["refresh_token"]).values["tokens"]
    assert third["tenant"] == first["tenant"]


def test_a_token_that_comes_twice_ends_its_family(door: Door) -> None:
    first = door.login()
    apart = door.login()
    second = door.refresh(first["refresh_token"]).values["tokens"]
    stolen = door.refresh(first["refresh_token"])
    assert (stolen.values, [found.code for found in stolen.refusals]) == ({"tokens": None}, ["TOKEN_REUSED"])
    with pytest.raises(RefreshInvalid):
        door.refresh(second["refresh_token"])
    assert door.refresh(apart["refresh_token"]).values["tokens"]  # another sign-in is another family


def test_of_two_exchanges_at_once_one_wins_and_the_family_ends(door: Door) -> None:
    first = door.login()
    found = at_once([lambda: door.refresh(first["refresh_token"])] * 2)
    assert all(isinstance(result, CommandResult) for result in found), found
    pairs = [result.values["tokens"] for result in found if isinstance(result, CommandResult)]
    assert sorted(pair is None for pair in pairs) == [False, True]
    (won,) = [pair for pair in pairs if pair]
    with pytest.raises(RefreshInvalid):
        door.refresh(won["refresh_token"])


def test_refresh_tokens_run_out(shop: Shop, door: Door) -> None:
    tokens = door.login()
    shop.pass_time(days=31)
    with pytest.raises(RefreshInvalid):
        door.refresh(tokens["refresh_token"])
    for token in ("never issued", f"hkr_{'x' * 43}"):
        with pytest.raises(RefreshInvalid):
            door.refresh(token)


def test_signing_out_ends_the_session(door: Door) -> None:
    tokens, apart = door.login(), door.login()
    assert door.anonymous("logout", refresh_token=tokens["refresh_token"]).done
    with pytest.raises(RefreshInvalid):
        door.refresh(tokens["refresh_token"])
    assert door.refresh(apart["refresh_token"]).done
    assert door.anonymous("logout", refresh_token=f"hkr_{'x' * 43}").done


def test_a_new_password_ends_every_session_at_once(door: Door) -> None:
    tokens, apart = door.login(), door.login()
    with pytest.raises(BadInput, match="current password is wrong"):
        door.send(tokens["access_token"], "password_change", current="wrong horse battery", new=NEW)
    assert door.send(tokens["access_token"], "password_change", current=PASSWORD, new=NEW).done
    for held in (tokens, apart):
        with pytest.raises(TokenInvalid):
            door.scope(held["access_token"])
        with pytest.raises(RefreshInvalid):
            door.refresh(held["refresh_token"])
    with pytest.raises(LoginFailed):
        door.login()
    assert door.login(password=NEW)


def test_a_suspended_tenant_lets_nobody_in(shop: Shop, door: Door) -> None:
    tokens = door.login()
    control = shop.kernel.control_scope()
    shop.kernel.run(control, "tenant_suspend", {"tenant": shop.tenant})
    with pytest.raises(Unauthenticated, match="suspended"):
        door.scope(tokens["access_token"])
    with pytest.raises(LoginFailed):
        door.login()
    with pytest.raises(RefreshInvalid):
        door.refresh(tokens["refresh_token"])
    shop.kernel.run(control, "tenant_resume", {"tenant": shop.tenant})
    assert door.scope(tokens["access_token"]).actor.name == door.email


def test_a_user_who_is_shut_out_is_out_at_once(shop: Shop, door: Door) -> None:
    made = shop.run("user_create", email=f"b{door.email}", name="Bea", roles=["keeper"], password=PASSWORD)
    tokens = door.login(f"b{door.email}")
    assert door.send(tokens["access_token"], "item_add", code="a").done
    shop.run("user_update", id=made.values["user"], active=False)
    with pytest.raises(TokenInvalid):
        door.scope(tokens["access_token"])
    with pytest.raises(RefreshInvalid):
        door.refresh(tokens["refresh_token"])
    shop.run("user_update", id=made.values["user"], active=True)
    assert door.login(f"b{door.email}")


# --- operators -----------------------------------------------------------------------------------


def test_operators_and_users_are_apart(shop: Shop, door: Door) -> None:
    operator = door.scope(door.login(_operator(shop))["access_token"])
    assert operator.composition.surface == "control"
    assert shop.kernel.run(operator, "tenant_suspend", {"tenant": shop.tenant}).done
    assert shop.kernel.run(operator, "tenant_resume", {"tenant": shop.tenant}).done
    with pytest.raises(SetupError):
        shop.kernel.run(operator, "item_add", {"code": "a"})
    with shop.kernel.reading(operator) as ctx:
        assert rows(shop, User)
        assert ctx.scalars(select(User)) == []  # the platform's own tenant has none
    user = door.scope(door.login()["access_token"])
    with pytest.raises(SetupError):
        shop.kernel.run(user, "tenant_suspend", {"tenant": shop.tenant})
    assert not user.actor.may("kernel.operate")


def test_nobody_is_both(shop: Shop, door: Door) -> None:
    control = shop.kernel.control_scope()
    taken = shop.kernel.run(control, "operator_create", {"email": door.email, "password": PASSWORD})
    assert [found.code for found in taken.refusals] == ["ALREADY_EXISTS"]
    operator = _operator(shop)
    taken = shop.run("user_create", email=operator, name="Op", roles=[], password=PASSWORD)
    assert [found.code for found in taken.refusals] == ["ALREADY_EXISTS"]


# --- API keys ------------------------------------------------------------------------------------


def test_an_api_key_acts_until_it_is_revoked(shop: Shop, door: Door) -> None:
    made = shop.run("api_key_create", name="erp", roles=["keeper"])
    secret = made.values["secret"]
    assert secret.startswith("hk_")
    assert secret not in str([vars(row) for row in (*rows(shop, ApiKey), *rows(shop, AuditEntry))])
    assert door.send(secret, "item_add", code="a").done
    assert rows(shop, AuditEntry)[-1].actor_kind == "api_key"
    with pytest.raises(Forbidden):
        door.send(secret, "user_create", email="x@example.com", name="X", roles=[])
    for wrong in (secret[:-1] + ("x" if secret[-1] != "x" else "y"), "hk_nothing", "hk_"):
        with pytest.raises(ApiKeyInvalid):
            door.scope(wrong)
    shop.run("api_key_revoke", id=made.values["api_key"])
    with pytest.raises(ApiKeyInvalid):
        door.scope(secret)


def test_an_api_key_sees_its_own_tenant_alone(shop: Shop, door: Door) -> None:
    other = shop.other_tenant("shelf", slug=f"{shop.tenant}-other")
    foreign = other.run("item_add", code="theirs").values["item"]
    secret = shop.run("api_key_create", name="erp", roles=["keeper"]).values["secret"]
    assert door.scope(secret).tenant.slug == shop.tenant
    with pytest.raises(NotFound):
        door.send(secret, "item_rename", id=foreign, note="mine")


# --- rights ---------------------------------------------------------------------------------------


def test_rights_change_at_the_next_request(shop: Shop, door: Door) -> None:
    made = shop.run("user_create", email=f"b{door.email}", name="Bea", roles=[], password=PASSWORD)
    token = door.login(f"b{door.email}")["access_token"]
    with pytest.raises(Forbidden):
        door.send(token, "item_add", code="a")
    shop.run("user_update", id=made.values["user"], roles=["keeper"])
    assert door.send(token, "item_add", code="a").done
    (keeper,) = [role for role in rows(shop, Role) if role.name == "keeper"]
    shop.run("role_update", id=str(keeper.id), permissions=["shelf.read"])
    with pytest.raises(Forbidden):
        door.send(token, "item_add", code="b")


Grant = Callable[[Door, str], CommandResult]


@pytest.mark.parametrize(
    "grant",
    [
        lambda door, token: door.send(
            token, "user_create", email=f"c{door.email}", name="C", roles=["admin"], password=PASSWORD
        ),
        lambda door, token: door.send(token, "api_key_create", name="k", roles=["admin"]),
        lambda door, token: door.send(token, "role_create", name="mine", permissions=["kernel.modules"]),
        lambda door, token: door.send(
            token, "user_update", id=str(rows(door.shop, User)[-1].id), roles=["admin", "clerk"]
        ),
        lambda door, token: door.send(
            token,
            "role_update",
            id=str(next(role.id for role in rows(door.shop, Role) if role.name == "clerk")),
            permissions=["kernel.users", "shelf.edit"],
        ),
    ],
    ids=["a user", "an API key", "a new role", "oneself", "one's own role"],
)
def test_nobody_gives_more_than_they_have(shop: Shop, door: Door, grant: Grant) -> None:
    shop.run("role_create", name="clerk", permissions=["kernel.users"])
    shop.run("user_create", email=f"b{door.email}", name="Bea", roles=["clerk"], password=PASSWORD)
    token = door.login(f"b{door.email}")["access_token"]
    assert door.send(token, "role_create", name="same", permissions=["kernel.users"]).done
    with pytest.raises(Forbidden, match="You cannot grant"):
        grant(door, token)


def test_a_role_grants_only_what_there_is(shop: Shop) -> None:
    for permission in ("shelf.fly", "kernel.operate"):
        with pytest.raises(BadInput, match=f"no permission '{permission}'"):
            shop.run("role_create", name="x", permissions=[permission])


def test_a_role_whose_module_is_disabled_can_still_be_given(shop: Shop, door: Door) -> None:
    shop.disable("shelf", with_dependants=True)
    token = door.login()["access_token"]
    made = door.send(token, "user_create", email=f"b{door.email}", name="B", roles=["admin"], password=PASSWORD)
    assert made.done


def test_the_last_administrator_stays(shop: Shop, door: Door) -> None:
    ann = str(rows(shop, User)[0].id)
    (admin,) = [role for role in rows(shop, Role) if role.name == "admin"]
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("user_update", {"id": ann, "active": False}),
        ("user_update", {"id": ann, "roles": ["keeper"]}),
        ("role_update", {"id": str(admin.id), "permissions": ["shelf.read"]}),
    ]
    for name, arguments in attempts:
        assert [found.code for found in shop.run(name, **arguments).refusals] == ["LAST_ADMIN"]
        assert door.scope(door.login()["access_token"]).actor.may("kernel.users")


def test_two_administrators_cannot_shut_out_each_other_at_once(shop: Shop, door: Door) -> None:
    shop.run("user_create", email=f"b{door.email}", name="Bea", roles=["admin"], password=PASSWORD)
    ids = [str(user.id) for user in rows(shop, User)]
    found = at_once([lambda id=id: shop.run("user_update", id=id, active=False) for id in ids])  # type: ignore[misc]
    assert all(isinstance(result, CommandResult) for result in found), found
    assert sorted(result.outcome for result in found if isinstance(result, CommandResult)) == ["DONE", "REFUSED"]
    assert sorted(user.active for user in rows(shop, User)) == [False, True]
