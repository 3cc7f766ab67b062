"""Logins: one e-mail and one password, for users of any number of tenants."""

from __future__ import annotations

from sqlalchemy import select

from huikuan.auth.passwords import check_policy
from huikuan.context import Context
from huikuan.core.directory import Login, Operator
from huikuan.core.errors import ALREADY_EXISTS
from huikuan.db import GuardedSession
from huikuan.errors import BadInput, Refusal
from huikuan.ids import new_id

__all__ = ["login_for", "normal_email"]


def login_for(ctx: Context, session: GuardedSession, email: str, password: str | None) -> Login:
    """The login of an e-mail: the one that is there, password and all, or a new one."""
    login = session.scalars(select(Login).where(Login.email == email)).one_or_none()
    if login is not None:
        return login
    if session.scalars(select(Operator.id).where(Operator.email == email)).first() is not None:
        # Else whoever signs in with it would be the user, and the operator could not enter any more.
        ctx.refuse(Refusal(ALREADY_EXISTS, f"{email} cannot be a user here; take another e-mail.", field="email"))
    if password is None:
        raise BadInput("A new e-mail needs a password.", field="password")
    check_policy(password, email=email)
    login = Login(id=new_id(), email=email, password_hash=ctx.services.passwords.hash(password), created_at=ctx.now)
    session.add(login)
    session.flush()
    return login


def normal_email(email: str) -> str:
    """Lower case and trimmed, so that one person is one login."""
    found = email.strip().lower()
    if found.count("@") != 1 or found.startswith("@") or found.endswith("@") or len(found) > 254:
        raise BadInput("That is not an e-mail address.", field="email")
    return found
