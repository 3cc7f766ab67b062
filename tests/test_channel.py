"""A third party's module adds a verdict, a field and a channel by which reminders leave, by what is published alone."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from huikuan.catalog import ModuleCatalog
from huikuan.core.models import Delivery, DeliveryState
from huikuan.testing.shop import Shop
from tests.reliability.mailer import acme_mail

CUSTOMER = '{ customer(code: "LATE") { acmeMails } }'
NOW_AND_THEN = 12
"""More minutes than the relay waits between the first attempts."""


class Postbox:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.port = _free_port()
        self._server: Controller | None = None

    def open(self) -> None:
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture(scope="session")
def with_mail(installed_modules: ModuleCatalog, tmp_path_factory: pytest.TempPathFactory) -> ModuleCatalog:
    """The installed modules, and the third-party module acme_mail."""
    return acme_mail(tmp_path_factory.mktemp("mailer"), installed_modules)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    found = Postbox()
    yield found
    found.close()


@pytest.fixture
def shop(app_with: Callable[..., Shop], with_mail: ModuleCatalog, postbox: Postbox) -> Shop:
    """A company with a customer who is a month late, and a policy that reminds after a week."""
    found = app_with("acme_mail", catalog=with_mail)
    found.set("acme_mail.port", str(postbox.port))
    person = {"name": "Li Wei", "email": "li@late.example", "purpose": "BILLING"}
    found.customers.create("LATE", contacts=[person])
    found.invoicing.posted(customer="LATE", total="120")
    found.dunning.policy(7)
    found.pass_time(days=60)
    return found


def states(shop: Shop) -> list[DeliveryState]:
    with shop.reading() as ctx:
        return list(ctx.scalars(select(Delivery.state).where(Delivery.consumer.startswith("acme_mail."))))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_a_reminder_leaves_by_the_partners_channel(shop: Shop, postbox: Postbox) -> None:
    postbox.open()
    assert shop.query(CUSTOMER)["customer"]["acmeMails"] == 0
    shop.dunning.run()
    shop.work()
    [mail] = postbox.mails
    assert (mail["To"], mail["Subject"]) == ("li@late.example", "Reminder 1")
    assert "Dear Li Wei, 120.00 EUR are overdue." in str(mail.get_payload())
    assert shop.query(CUSTOMER)["customer"]["acmeMails"] == 1
    assert states(shop) == [DeliveryState.DONE] and not shop.check()


def test_a_mail_server_that_is_away_is_tried_again(shop: Shop, postbox: Postbox) -> None:
    """What the partner's channel cannot do holds nothing up: the letter is issued, the mail follows."""
    shop.dunning.run()
    shop.work()
    assert not postbox.mails and states(shop) == [DeliveryState.PENDING]
    postbox.open()
    shop.pass_time(minutes=NOW_AND_THEN)
    shop.work()
    shop.work()
    assert len(postbox.mails) == 1 and states(shop) == [DeliveryState.DONE]


def test_who_cannot_note_it_sends_the_same_mail_again(
    shop: Shop, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, and known by its Message-ID: the outside can tell that it has it."""
    postbox.open()
    monkeypatch.setattr(shop.kernel, "run", _failing_once(shop.kernel.run, "acme_mail_sent"))
    shop.dunning.run()
    shop.work()
    shop.pass_time(minutes=NOW_AND_THEN)
    shop.work()
    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert shop.query(CUSTOMER)["customer"]["acmeMails"] == 1


def test_who_was_reminded_waits_for_somebodys_word(shop: Shop, postbox: Postbox) -> None:
    postbox.open()
    before = shop.orders.draft(customer="LATE")
    assert not shop.orders.confirm(before).codes
    shop.dunning.run()
    shop.work()
    held = shop.orders.draft(customer="LATE")
    assert shop.orders.confirm(held).codes == ["ACME_MAIL_REMINDED"]
    other = shop.orders.draft()
    assert not shop.orders.confirm(other).codes


def _failing_once(run: Callable[..., Any], command: str) -> Callable[..., Any]:
    left = [True]

    def maybe(scope: Any, name: Any, *arguments: Any, **named: Any) -> Any:
        if name == command and left:
            left.clear()
            raise OSError("the database is away")
        return run(scope, name, *arguments, **named)

    return maybe
