"""Errors of signing in: what the caller may read is one line, what happened is for the log.

``message`` (and ``str``) never says which part of a credential was wrong; ``detail`` does, holds only
text of our own (never bytes a stranger sent) and is meant for the log and for tests.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from huikuan.errors import BadInput, LimitExceeded, SetupError, Unauthenticated

__all__ = [
    "ApiKeyInvalid",
    "AuthError",
    "HashingBusy",
    "KeySetupError",
    "LoginFailed",
    "PasswordPolicyError",
    "PasswordProblem",
    "RefreshInvalid",
    "TokenExpired",
    "TokenInvalid",
    "TooManyAttempts",
]


class AuthError(Unauthenticated):
    """The caller is not who they would have to be; ``reason`` is stable, ``detail`` goes to the log only."""

    reason: ClassVar[str] = "UNAUTHENTICATED"
    public: ClassVar[str] = "Sign in to do this."

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.public, reason=self.reason)
        self.detail = detail or self.public


class LoginFailed(AuthError):
    """Unknown address, wrong password and disabled user give this one answer."""

    reason = "LOGIN_FAILED"
    public = "The e-mail address or the password is wrong."


class TokenInvalid(AuthError):
    reason = "TOKEN_INVALID"
    public = "The access token is not valid; sign in again."


class TokenExpired(AuthError):
    """Raised only after the signature was found good, so it tells a forger nothing."""

    reason = "TOKEN_EXPIRED"
    public = "The access token has expired; refresh it or sign in again."


class RefreshInvalid(AuthError):
    reason = "REFRESH_INVALID"
    public = "The refresh token is not valid; sign in again."


class ApiKeyInvalid(AuthError):
    reason = "API_KEY_INVALID"
    public = "The API key is not valid."


class PasswordProblem(Enum):
    """Which rule a new password breaks."""

    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    IS_EMAIL = "IS_EMAIL"
    NOT_TEXT = "NOT_TEXT"


class PasswordPolicyError(BadInput):
    """A new password breaks a rule; never contains the password."""

    def __init__(self, problem: PasswordProblem, message: str) -> None:
        super().__init__(message, field="password", reason=problem.value)
        self.problem = problem


class TooManyAttempts(LimitExceeded):
    """Wait ``retry_after`` seconds; the same answer whether or not the address exists."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many attempts; wait a little and try again.", retry_after=retry_after)
        self.retry_after = retry_after


class HashingBusy(LimitExceeded):
    """All places for password hashing were taken for longer than the wait allowed."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("The server is busy signing others in; try again shortly.", retry_after=retry_after)
        self.retry_after = retry_after


class KeySetupError(SetupError):
    """Signing keys or an external issuer are set up wrongly: refuses to start, says how to mend it."""
