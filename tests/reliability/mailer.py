"""acme_mail, a third party's module: reminders go out by mail, and who was sent one waits for somebody's word.

It is written as a partner would: by the published hook, event, types and tables of others, with no test kit.
"""

from __future__ import annotations

from pathlib import Path

from huikuan.catalog import ModuleCatalog
from tests.reliability.partner import beside

__all__ = ["acme_mail"]

ACME_MAIL = {
    "__init__.py": """
        from huikuan import Module, Setting

        module = Module(
            name="acme_mail",
            title="Reminders by mail",
            requires=["orders", "receivables"],
            permissions={"acme_mail.waive": "Let customers order who were reminded"},
            settings={
                "acme_mail.port": Setting(default=25, description="Where the mail server listens"),
                "acme_mail.sender": Setting(default="cash@shop.example", description="Who reminds"),
            },
        )
    """,
    "errors.py": """
        from huikuan import RefusalCode

        ACME_MAIL_REMINDED = RefusalCode("ACME_MAIL_REMINDED", "A reminder was mailed to the customer.")
    """,
    "models.py": """
        from uuid import UUID

        from huikuan.db import Mapped, TenantModel, tenant_fk, unique


        class Mail(TenantModel):
            letter_id: Mapped[UUID] = tenant_fk("receivables_dunning_letter", index=False)
            customer_id: Mapped[UUID] = tenant_fk("customers_customer")
            address: Mapped[str]
            __table_args__ = (unique("letter_id"),)
    """,
    "commands.py": """
        from uuid import UUID

        from acme_mail.models import Mail
        from huikuan import Context, command


        @command(idempotency="natural", permission="acme_mail.waive", payload="known")
        def acme_mail_sent(ctx: Context, letter: UUID, customer: UUID, address: str) -> bool:
            "Note that a reminder was handed to the mail server."
            if ctx.exists(Mail, letter_id=letter):
                return True
            ctx.add(Mail(letter_id=letter, customer_id=customer, address=address))
            return False
    """,
    "subscribers.py": """
        import smtplib
        from email.message import EmailMessage

        from acme_mail.models import Mail
        from huikuan import deliver
        from huikuan_customers.api import contacts_of
        from huikuan_customers.snapshots import ContactPurpose
        from huikuan_receivables.events import ReminderIssued


        @deliver(ReminderIssued)
        def send_reminder(outside, event):
            with outside.read() as ctx:
                person = contacts_of(ctx, [event.customer_id], ContactPurpose.BILLING).get(event.customer_id)
                known = ctx.exists(Mail, letter_id=event.letter_id)
                port, sender = ctx.setting("acme_mail.port"), ctx.setting("acme_mail.sender")
            if known or person is None or person.email is None:
                return
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = sender, person.email, f"Reminder {event.level}"
            mail["Message-ID"] = f"<{outside.envelope.event_id}@shop.example>"
            mail.set_content(f"Dear {person.name}, {event.amount} are overdue.")
            with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
                server.send_message(mail)
            outside.run("acme_mail_sent", letter=event.letter_id, customer=event.customer_id, address=person.email)
    """,
    "hooks.py": """
        from acme_mail.errors import ACME_MAIL_REMINDED
        from acme_mail.models import Mail
        from huikuan import Level, Refusal, hookimpl


        @hookimpl
        def orders_before_confirm(ctx, order):
            if not ctx.exists(Mail, customer_id=order.customer_id):
                return None
            return Refusal(
                ACME_MAIL_REMINDED,
                "The customer was reminded by mail.",
                level=Level.APPROVE,
                advice="Wait for the money, or let somebody release the hold.",
            )
    """,
    "graphql.py": """
        from acme_mail.models import Mail
        from huikuan import Context
        from huikuan.graphql import batch, extend
        from huikuan_customers.types import Customer
        from sqlalchemy import func, select


        @extend(Customer)
        class CustomerMails:
            @batch(requires=["id"])
            def acme_mails(ctx: Context, customers: list) -> list[int]:
                "Reminders that were mailed."
                ids = [customer.id for customer in customers]
                counted = select(Mail.customer_id, func.count()).where(ctx.among(Mail.customer_id, ids))
                found = dict(ctx.rows(counted.group_by(Mail.customer_id)))
                return [found.get(id, 0) for id in ids]
    """,
    "migrations/0001_mails.py": """
        import sqlalchemy as sa
        from alembic import op

        from huikuan.db import types

        revision = "0001"
        down_revision = None


        def upgrade() -> None:
            op.create_tenant_table(
                "acme_mail_mail",
                sa.Column("tenant_id", sa.Uuid(), nullable=False),
                sa.Column("id", sa.Uuid(), nullable=False),
                sa.Column("letter_id", sa.Uuid(), nullable=False),
                sa.Column("customer_id", sa.Uuid(), nullable=False),
                sa.Column("address", sa.String(), nullable=False),
                sa.Column("created_at", types.UtcDateTime(), nullable=False),
                sa.Column("updated_at", types.UtcDateTime(), nullable=False),
                sa.ForeignKeyConstraint(
                    ["tenant_id", "letter_id"],
                    ["receivables_dunning_letter.tenant_id", "receivables_dunning_letter.id"],
                    name=op.f("fk_acme_mail_mail_tenant_id_letter_id"), ondelete="RESTRICT",
                ),
                sa.ForeignKeyConstraint(
                    ["tenant_id", "customer_id"], ["customers_customer.tenant_id", "customers_customer.id"],
                    name=op.f("fk_acme_mail_mail_tenant_id_customer_id"), ondelete="RESTRICT",
                ),
                sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_acme_mail_mail")),
                sa.UniqueConstraint("tenant_id", "letter_id", name=op.f("uq_acme_mail_mail_tenant_id_letter_id")),
            )
            with op.batch_alter_table("acme_mail_mail", schema=None) as batch_op:
                name = batch_op.f("ix_acme_mail_mail_tenant_id_customer_id")
                batch_op.create_index(name, ["tenant_id", "customer_id"])
    """,
}


def acme_mail(site: Path, installed: ModuleCatalog) -> ModuleCatalog:
    """These modules with acme_mail beside them."""
    return beside(installed, site, "acme_mail", ACME_MAIL)
