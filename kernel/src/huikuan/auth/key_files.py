"""Where the signing keys come from: a file, a directory of PEM files, or the text itself (environment)."""

from __future__ import annotations

import os
import secrets
import stat
import threading
from pathlib import Path

from huikuan.auth.errors import KeySetupError
from huikuan.auth.key_codec import is_pem, key_from_pem, keys_from_json, keys_to_json
from huikuan.auth.keys import DEFAULT_NAME, KeyRing, KeyState, SigningKey

__all__ = ["KeySource", "load_ring", "save_ring"]

_LARGEST = 1_000_000


def load_ring(source: str | Path, *, issuer: str = DEFAULT_NAME, audience: str = DEFAULT_NAME) -> KeyRing:
    """The ring that ``source`` describes.

    A path names a JSON key set, one PEM key, or a directory of ``<kid>.pem`` of which the private key
    with the last name signs. Text that is itself JSON or PEM (an environment variable) is taken as is.
    """
    if isinstance(source, str) and (is_pem(source) or source.lstrip().startswith("{")):
        return KeyRing(_keys_of(source), issuer=issuer, audience=audience)
    path = Path(source)
    keys = _read_directory(path) if path.is_dir() else _keys_of(_read_private(path))
    return KeyRing(keys, issuer=issuer, audience=audience)


def save_ring(ring: KeyRing, path: Path) -> None:
    """Write the key set with mode 0600, as a whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(keys_to_json(ring.keys))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class KeySource:
    """The ring of a running server: a replaced file is read at the next use, so rotation needs no restart.

    A file that has become unreadable does not sign everybody out: the last good ring serves on and
    ``problem`` says what is wrong.
    """

    def __init__(self, source: str | Path, *, issuer: str = DEFAULT_NAME, audience: str = DEFAULT_NAME) -> None:
        self._source = source
        self._issuer, self._audience = issuer, audience
        self._lock = threading.Lock()
        self._seen = _fingerprint(source)
        self._ring = load_ring(source, issuer=issuer, audience=audience)
        self.problem: KeySetupError | None = None

    @property
    def ring(self) -> KeyRing:
        if _fingerprint(self._source) != self._seen:
            self._reload()
        return self._ring

    def _reload(self) -> None:
        with self._lock:
            seen = _fingerprint(self._source)
            if seen == self._seen:
                return
            try:
                self._ring = load_ring(self._source, issuer=self._issuer, audience=self._audience)
                self.problem = None
            except KeySetupError as error:
                self.problem = error
            self._seen = seen


def _fingerprint(source: str | Path) -> tuple[int, int, int] | None:
    if isinstance(source, str) and (is_pem(source) or source.lstrip().startswith("{")):
        return None
    try:
        found = os.stat(source)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _keys_of(text: str) -> list[SigningKey]:
    return [key_from_pem(text)] if is_pem(text) else keys_from_json(text)


def _read_directory(path: Path) -> list[SigningKey]:
    texts = {file.stem: _read_private(file) for file in sorted(path.glob("*.pem"))}
    private = [kid for kid, text in texts.items() if "PRIVATE KEY-----" in text]
    return [
        key_from_pem(text, kid=kid, state=None if kid in private[-1:] else KeyState.VERIFY_ONLY)
        for kid, text in texts.items()
    ]


def _read_private(path: Path) -> str:
    """The file's text, refused when others may read it (checked on the open file, so no race)."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_LARGEST)
    except OSError as error:
        raise KeySetupError(
            f"The key file {path} can't be read ({error.strerror}); make one with `huikuan keys generate`."
        ) from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise KeySetupError(f"The key file {path} is not text; it must hold JSON or PEM.") from None
    public_only = is_pem(text) and "PRIVATE KEY-----" not in text
    # A group may read (Kubernetes mounts secrets so), but not write; others may do neither.
    if os.name == "posix" and not public_only and mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise KeySetupError(f"Others may read or change the key file {path}; run `chmod 600 {path}`.")
    return text
