"""Probes, metrics and public keys, over HTTP."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import jwt
import pytest

from huikuan.core.models import OutboxEvent
from huikuan.ids import new_id
from huikuan.jobs.worker import Worker
from kernel.tests.web.conftest import Site, sources

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)


def _ready(site: Site) -> httpx.Response:
    time.sleep(0.6)  # an answer counts for half a second
    return httpx.get(f"{site.url}/readyz")


def test_a_server_is_alive_without_asking_anything(site: Site) -> None:
    site.kernel.database.dispose()
    answer = httpx.get(f"{site.url}/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_a_server_is_ready_when_all_checks_pass(site: Site) -> None:
    Worker(site.kernel).run_until_idle()
    answer = _ready(site)
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "migrations": "ok", "outbox": "ok"}


def test_a_database_that_is_gone_is_named(site: Site) -> None:
    with site.kernel.database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE kernel_outbox_event RENAME TO gone")
        connection.commit()
    answer = _ready(site)
    assert answer.status_code == 503
    assert answer.json()["checks"]["outbox"] == "failed; the log says why"
    assert "gone" not in answer.text


def test_tables_of_another_version_are_named(site: Site) -> None:
    with site.kernel.database.engine.connect() as connection:
        connection.exec_driver_sql(f"UPDATE {sources()[0].version_table} SET version_num = '9999'")
        connection.commit()
    answer = _ready(site)
    assert answer.status_code == 503
    assert "Tables are newer than the code: kernel" in answer.json()["checks"]["migrations"]


def test_events_that_nobody_delivers_are_named(serve: Callable[..., Site]) -> None:
    site = serve(ready_lag=60.0)
    scope, now = site.kernel.scope("acme"), site.kernel.clock.now()
    event = OutboxEvent(
        tenant_id=scope.tenant.id,
        type="orders.confirmed",
        module="orders",
        aggregate="Order",
        aggregate_id=new_id(),
        sequence=1,
        at=now - timedelta(minutes=10),
        payload={},
        audit_id=new_id(),
        created_at=now,
        updated_at=now,
    )
    with site.kernel.database.system(site.kernel.clock) as session:
        session.add(event)
    answer = _ready(site)
    assert answer.status_code == 503
    assert "does `huikuan worker` run?" in answer.json()["checks"]["outbox"]


def test_metrics_are_for_this_machine(site: Site) -> None:
    httpx.get(f"{site.url}/absent")
    answer = httpx.get(f"{site.url}/metrics")
    assert answer.status_code == 200
    assert 'huikuan_http_requests_total{route="other",status="404"}' in answer.text
    assert "acme" not in answer.text
    through_a_proxy = httpx.get(f"{site.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert through_a_proxy.status_code == 403


def test_metrics_with_a_token_are_for_who_has_it(serve: Callable[..., Site]) -> None:
    site = serve(metrics_token="sixteen letters!")
    assert httpx.get(f"{site.url}/metrics").status_code == 403
    headers = {"Authorization": "Bearer sixteen letters!", "X-Forwarded-For": "203.0.113.9"}
    assert httpx.get(f"{site.url}/metrics", headers=headers).status_code == 200


def test_the_public_keys_verify_our_tokens(site: Site) -> None:
    token = site.sign_in()
    answer = httpx.get(f"{site.url}/.well-known/jwks.json")
    assert "max-age" in answer.headers["cache-control"]
    (key,) = answer.json()["keys"]
    assert "d" not in key
    claims = jwt.decode(token, jwt.PyJWK(key), algorithms=["EdDSA"], audience="huikuan", issuer="huikuan")
    assert claims["exp"] - claims["iat"] <= 900
