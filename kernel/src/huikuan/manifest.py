"""Module: the frozen manifest that an installed distribution shows under ``huikuan.modules``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from huikuan.errors import SetupError

__all__ = ["Module", "Setting"]

_NAME = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


_LONGEST_TEXT = 255
_LARGEST_NUMBER = 10**13


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A value a tenant may change: its type is the type of ``default``.

    - ``least`` and ``most``: bounds of a whole number, or how many characters a text may have
    - ``choices``: the words that a text may be, in capitals or not; it is kept as written here

    What only a tenant's data can judge, such as a code, an implementation of
    ``kernel_before_setting`` refuses.
    """

    default: str | int | bool | None
    description: str
    least: int | None = None
    most: int | None = None
    choices: Sequence[str] = ()

    @property
    def accepts(self) -> str:
        """What a value must be, in words that complete "It is …"."""
        if isinstance(self.default, bool):
            return "true or false"
        least, most = self._bounds()
        if isinstance(self.default, int):
            return f"a whole number from {least:,} to {most:,}"
        return f"one of {', '.join(self.choices)}" if self.choices else f"a line of {least} to {most} characters"

    def read(self, text: str) -> str | int | bool:
        """The value that ``text`` means; ValueError with a sentence where it is none that the setting accepts."""
        if isinstance(self.default, bool):
            found: str | int | bool | None = {"true": True, "false": False}.get(text.strip().lower())
        elif isinstance(self.default, int):
            found = self._number(text.strip())
        else:
            found = self._text(text)
        if found is None:
            raise ValueError(f"It is {self.accepts}, not {text[:80]!r}.")
        return found

    def _bounds(self) -> tuple[int, int]:
        least, most = (-_LARGEST_NUMBER, _LARGEST_NUMBER) if isinstance(self.default, int) else (0, _LONGEST_TEXT)
        return (least if self.least is None else self.least), (most if self.most is None else self.most)

    def _number(self, text: str) -> int | None:
        least, most = self._bounds()
        return int(text) if _WHOLE.fullmatch(text) and least <= int(text) <= most else None

    def _text(self, text: str) -> str | None:
        if self.choices:
            return {word.lower(): word for word in self.choices}.get(text.strip().lower())
        least, most = self._bounds()
        return text if least <= len(text) <= most and text.isprintable() else None


@dataclass(frozen=True, kw_only=True)
class Module:
    """What a module says about itself; importing it loads nothing heavy.

    Models, commands, hooks, subscribers, types, queries, importers and jobs are found by their
    file names, so a manifest only names what cannot be found: who it needs and what it guards.

    - ``requires``: names of modules, each with an optional version range (``"orders>=0.1,<0.2"``)
    - ``nouns``: prefixes of the mutations and root fields it claims; its own name when left out
    - ``permissions``: name to description; every name starts with the module's name
    - ``roles``: role name to permissions, granted when a tenant enables the module
    - ``kernel``: the range of kernel versions it was written for
    """

    name: str
    title: str
    requires: Sequence[str] = ()
    nouns: Sequence[str] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    kernel: str = ">=0.1,<0.2"
    description: str = ""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise SetupError(f"module name {self.name!r} must be lower case letters, digits and underscores (2 to 40)")
        self._check_types()
        for permission in [*self.permissions, *self.settings]:
            if not permission.startswith(f"{self.name}."):
                raise SetupError(f"{self.name}: {permission!r} must start with '{self.name}.'")
        self.kernel_range()
        self.requirements()

    def _check_types(self) -> None:
        for name in ("permissions", "roles", "settings"):
            if not isinstance(getattr(self, name), Mapping):
                raise SetupError(f"{self.name}: {name} must be a dict")
        lists = {"requires": self.requires, "nouns": self.nouns}
        lists |= {f"roles[{role!r}]": granted for role, granted in self.roles.items()}
        for name, value in lists.items():
            if isinstance(value, str):
                raise SetupError(f"{self.name}: {name} must be a list of texts, not the text {value!r}")
        for key, setting in self.settings.items():
            if not isinstance(setting, Setting) or not isinstance(setting.default, str | int | bool | None):
                raise SetupError(f"{self.name}: {key!r} must be a Setting whose default is a text, int, bool or None")
            self._check_default(key, setting)

    def _check_default(self, key: str, setting: Setting) -> None:
        if isinstance(setting.choices, str):
            raise SetupError(f"{self.name}: choices of {key!r} must be a list of texts")
        if setting.default is None:
            return
        try:
            kept = setting.read(str(setting.default))
        except ValueError as error:
            raise SetupError(f"{self.name}: the default of {key!r} does not fit. {error}") from error
        if kept != setting.default:
            raise SetupError(f"{self.name}: the default of {key!r} is written {kept!r} in its choices")

    @property
    def claimed_nouns(self) -> tuple[str, ...]:
        return tuple(self.nouns) or (self.name,)

    def kernel_range(self) -> SpecifierSet:
        try:
            return SpecifierSet(self.kernel)
        except ValueError as error:
            raise SetupError(f"{self.name}: kernel range {self.kernel!r} is not a version range") from error

    def requirements(self) -> dict[str, SpecifierSet]:
        """Required module name to accepted versions."""
        found: dict[str, SpecifierSet] = {}
        for text in self.requires:
            try:
                parsed = Requirement(text.replace("_", "-"))
            except InvalidRequirement as error:
                raise SetupError(f"{self.name}: requirement {text!r} is not 'name' or 'name>=1,<2'") from error
            found[parsed.name.replace("-", "_")] = parsed.specifier
        return found
