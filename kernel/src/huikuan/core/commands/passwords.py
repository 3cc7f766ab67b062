"""Setting somebody's password from the control plane, for whoever has lost theirs."""

from __future__ import annotations

from sqlalchemy import select, update

from huikuan.auth.passwords import check_policy
from huikuan.commands import command
from huikuan.context import Context, session_of
from huikuan.core.directory import Login, Operator, RefreshToken
from huikuan.errors import NotFound

__all__ = ["password_reset"]


@command(permission="kernel.operate", idempotency="none", surface="control", payload="done")
def password_reset(ctx: Context, email: str, password: str) -> bool:
    """Set the password of a user or an operator; every session of the login ends."""
    email = email.strip().lower()
    session = session_of(ctx)
    found: Login | Operator | None = session.scalars(select(Login).where(Login.email == email)).one_or_none()
    found = found or session.scalars(select(Operator).where(Operator.email == email)).one_or_none()
    if found is None:
        raise NotFound(f"Nobody signs in as {email!r}.", field="email")
    check_policy(password, email=email)
    found.password_hash = ctx.services.passwords.hash(password)
    found.epoch += 1
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.subject_id == found.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
    return True
