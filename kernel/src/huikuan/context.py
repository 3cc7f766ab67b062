"""Context: one unit of work. Tenant, actor, guarded session, composition and clock, passed first everywhere.

Modules read and write through it; they never see commit, rollback, a connection or text SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Executable, Select, UpdateBase
from sqlalchemy.engine import Row
from sqlalchemy.exc import MultipleResultsFound

from huikuan.actor import Actor, TenantInfo
from huikuan.codec import digest
from huikuan.db import GuardedSession, TenantModel, reads
from huikuan.db.locks import LockKey, lock
from huikuan.db.many import one_of
from huikuan.db.numbering import next_numbers
from huikuan.db.seen import hold_rows, locked_rows, once, quietly, rows_by_id, with_parents
from huikuan.db.writes import has_written, insert_rows, note_statement, rows_touched
from huikuan.errors import BadInput, HookError, Level, NotFound, Refusal, Refused, SetupError
from huikuan.events import Envelope, Event
from huikuan.ids import new_id
from huikuan.work import HoldRequest, NumberRequest, Work

if TYPE_CHECKING:
    from huikuan.composition import Composition
    from huikuan.services import Services

__all__ = ["Context", "session_of"]

M = TypeVar("M", bound=TenantModel)
T = TypeVar("T")


class Context:
    """One unit of work; see the module docstring."""

    where = "transaction"

    def __init__(
        self,
        *,
        session: GuardedSession,
        composition: Composition,
        tenant: TenantInfo,
        actor: Actor,
        request_id: str,
        services: Services,
        client: str = "",
        preview: bool = False,
        command: str = "",
    ) -> None:
        self.composition = composition
        self.tenant = tenant
        self.actor = actor
        assert session.scope.now is not None
        self.now = session.scope.now
        self.services = services
        self.client = client
        self.request_id = request_id
        self.preview = preview
        self.read_only = bool(session.info["read_only"])
        self.command = command
        self.arguments: Mapping[str, Any] = {}
        self.envelope: Envelope | None = None
        self.work = Work()
        self.memory: dict[object, Any] = {}
        """What a module keeps for its later hooks of this unit of work; keys begin with its name."""
        self._session = session
        self._transaction = self._open_transactions()
        self._modules: list[str] = []

    # --- time and settings -------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The tenant's business day: the date of ``now`` in its time zone."""
        return self.now.astimezone(ZoneInfo(str(self.setting("kernel.timezone")))).date()

    def setting(self, key: str) -> Any:
        """The tenant's value of a declared setting, or its default."""
        if key in self.tenant.settings:
            return self.tenant.settings[key]
        return self.composition.setting_default(key)

    def enabled(self, module: str) -> bool:
        """Whether the tenant has a module enabled in this unit of work."""
        return module in self.composition.names

    # --- reading -----------------------------------------------------------------------------

    def get(self, model: type[M], id: UUID) -> M:
        """The row with this id, or NotFound; another tenant's row is not found either."""
        found = reads.get(self._session, model, id)
        if found is None:
            raise NotFound(f"{model.__name__} {id} does not exist.", field="id")
        hold_rows(self._session, [found])
        return found

    def get_many(self, model: type[M], ids: Collection[UUID]) -> dict[UUID, M]:
        """The rows with these ids by id; unknown ids are left out. One statement for those not read in this command."""
        return rows_by_id(self._session, model, ids)

    def locked(self, model: type[M]) -> list[M]:
        """The rows of ``model`` that this command locked, read with the lock; none on SQLite, where nothing is."""
        return locked_rows(self._session, model)

    def once(
        self,
        key: Hashable,
        read: Callable[[], T],
        *models: type[TenantModel],
        rows: bool = False,
        lasting: bool = False,
    ) -> T:
        """What ``read`` answers, asked once in a command until that locks or writes rows of ``models``: where it reads.

        ``rows``: the answer is rows of ``models`` themselves, chosen by what never changes of them, so that only new
        and deleted ones make another. ``lasting``: locks do not matter, because the key names the version of what is
        read. ``key`` begins with the module's name. ``read`` sees what waits to be written to ``models`` alone, without
        ``models`` everything. Outside commands it is asked each time.
        """
        return once(self._session, key, read, models, rows=rows, lasting=lasting)

    def find(self, model: type[M], **equals: Any) -> M | None:
        """The one row whose attributes equal these values, or None."""
        found = quietly(self._session, (model,), lambda: reads.find(self._session, model, equals))
        if len(found) > 1:
            raise MultipleResultsFound("Multiple rows were found when one or none was required")
        return found[0] if found else None

    def scalars(self, statement: Select[T, *tuple[Any, ...]]) -> Sequence[T]:
        """The first column of every row."""
        return reads.scalars(self._session, statement)

    def scalar(self, statement: Select[T, *tuple[Any, ...]]) -> T | None:
        """The first column of the first row, or None."""
        return reads.first(self._session, statement)

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a select of columns."""
        return reads.rows(self._session, statement)

    def exists(self, model: type[TenantModel], **equals: Any) -> bool:
        """Whether any row has these values."""
        return quietly(self._session, (model,), lambda: reads.has(self._session, model, equals))

    def among(self, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
        """The criterion that a column has one of very many values, as an id has: of constant length on PostgreSQL.

        Page by page all the same, a few thousand at a time: SQLite gets a parameter for each.
        """
        return one_of(self._session.get_bind().dialect, column, values)

    # --- writing -----------------------------------------------------------------------------

    def add(self, row: M) -> M:
        """Add a new row; it is written before the next read."""
        self._writable()
        row.tenant_id = self.tenant.id
        if row.id is None:
            row.id = new_id()
        self.work.created.add(row.id)
        self._session.add(row)
        return row

    def add_all(self, rows: Iterable[M]) -> list[M]:
        """Add many rows; each table is written with one statement."""
        return [self.add(row) for row in rows]

    def insert(self, model: type[TenantModel], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert plain rows with one statement, for imports: what they refer to is written before.

        The audit row keeps their table and number, not their values.
        """
        self._writable()
        if rows:
            self._session.flush()
            insert_rows(self._session, model, rows)
            note_statement(self._session, model.__tablename__, "insert", len(rows))

    def remove(self, row: TenantModel) -> None:
        """Delete a row."""
        self._writable()
        self._session.delete(row)

    def execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Run a guarded UPDATE or DELETE (``update(Model).where(…)``); returns the rows touched.

        ``values``: of its ``bindparam``s, for statements that are built once and sent often.
        """
        self._writable()
        rows = rows_touched(self._session.execute(statement, values))
        self._note(statement, rows)
        return rows

    def execute_returning(self, statement: UpdateBase) -> Sequence[Row[Any]]:
        """As ``execute``, for a statement with ``returning(…)``: what it wrote, without a second statement.

        It reads no table but the one that it writes, so that what waits to be written elsewhere may wait for more;
        but what its rows may refer to is written before.
        """
        self._writable()
        model = statement.entity_description["entity"]
        rows = quietly(self._session, with_parents(model), lambda: self._session.execute(statement).all())
        self._note(statement, len(rows))
        return rows

    def _note(self, statement: Executable, rows: int) -> None:
        table = getattr(statement, "table", None)
        if rows and table is not None and not table.info.get("system"):
            note_statement(self._session, table.name, statement.__visit_name__, rows)

    def flush(self) -> None:
        """Write what is pending now, so that constraints speak here and not later."""
        self._session.flush()

    def lock(self, keys: Iterable[LockKey]) -> None:
        """Lock rows, once per command, before any decision: sorted, without duplicates.

        What was read before is read anew afterwards. A nested command may ask for locks that are
        held already. In a preview nothing is locked.
        """
        if self.read_only:
            return
        wanted = frozenset(keys)
        held = self.work.locked
        if held is not None:
            if wanted <= held:
                return
            raise SetupError(
                f"{self.command}: locks are taken once per command; contribute "
                f"{sorted(str(key) for key in wanted - held)} through its locks hook"
            )
        self.work.locked = wanted
        lock(self._session, wanted)

    def number(
        self,
        series: str,
        row: TenantModel,
        attribute: str = "number",
        format: Callable[[int], str] = str,
        *,
        also: Mapping[str, Any] | None = None,
    ) -> None:
        """Give ``row`` the next number of ``series`` just before commit, as the last lock.

        Gapless per tenant and series. Until then the attribute is None, for reactions too. ``also``
        holds attributes that are set in the same statement: the state that freezes a document belongs
        there, because a row that is stored as posted takes no number any more.
        """
        self._writable()
        self.work.numbers.append(NumberRequest(series, row, attribute, format, also or {}))

    def emit(self, event: Event) -> None:
        """Append an event to the outbox, in this transaction."""
        self._writable()
        self.composition.check_event(type(event))
        self.work.events.append(event)

    # --- saying no ---------------------------------------------------------------------------

    def refuse(self, *refusals: Refusal) -> None:
        """End the command with these refusals; nothing it wrote stays."""
        raise Refused(*(self._own(refusal) for refusal in refusals))

    def warn(self, refusal: Refusal) -> None:
        """Go on, but tell the caller."""
        self.work.warnings.append(self._own(refusal))

    def guard(self, refusals: Iterable[Refusal], *, subject: TenantModel, pin: object) -> None:
        """Apply verdicts before the first write: warnings are told, holds placed, the rest refuses.

        ``pin`` is what an approval is about (version and amount): a hold released for the same
        subject, code and pin waives the refusal; any change asks anew.
        """
        from_pin = digest(pin)
        stopping: list[Refusal] = []
        for refusal in map(self._own, refusals):
            if refusal.level is Level.WARN or (
                refusal.level is Level.APPROVE and self._released(subject.id, refusal, from_pin)
            ):
                self.work.warnings.append(refusal)
            else:
                stopping.append(refusal)
        if not stopping:
            self.work.passed.append(subject.id)
            return
        if not self.preview:
            self.work.holds.extend(
                HoldRequest(refusal, type(subject).__name__, subject.id, from_pin)
                for refusal in stopping
                if refusal.level is Level.APPROVE
            )
        raise Refused(*stopping)

    def _released(self, subject_id: UUID, refusal: Refusal, pin: str) -> bool:
        return self.composition.holds.released(self, subject_id, refusal, pin)

    def _own(self, refusal: Refusal) -> Refusal:
        module = refusal.module or (self._modules[-1] if self._modules else None)
        if module is not None:
            self.composition.check_code(refusal.code, module)
        return refusal.stamped(module=module)

    # --- hooks -------------------------------------------------------------------------------

    def vetoes(self, hook: Callable[..., Any], **arguments: Any) -> list[Refusal]:
        """Ask every implementation of a veto hook; all reasons come back."""
        return self.composition.bus.veto(self, hook.__name__, arguments)

    def change(self, hook: Callable[..., Any], draft: T, **arguments: Any) -> T:
        """Let every implementation of a change hook amend ``draft`` in turn."""
        return self.composition.bus.change(self, hook.__name__, draft, arguments)

    def react(self, hook: Callable[..., Any], **arguments: Any) -> None:
        """Call every implementation of a reaction hook, in this transaction."""
        self.composition.bus.react(self, hook.__name__, arguments)

    def collect(self, hook: Callable[..., Any], **arguments: Any) -> list[Any]:
        """The values of every implementation of a contribution hook."""
        return self.composition.bus.collect(self, hook.__name__, arguments)

    def provide(self, hook: Callable[..., Any], **arguments: Any) -> Any | None:
        """The first answer of a provider hook."""
        return self.composition.bus.provide(self, hook.__name__, arguments)

    # --- for the kernel ----------------------------------------------------------------------

    def calling(self, module: str) -> AbstractContextManager[None]:
        """Attribution: code that runs inside belongs to ``module``."""
        return _Calling(self._modules, module)

    @property
    def preparing(self) -> frozenset[str]:
        """Modules of the tenant that still read the history."""
        return self.tenant.preparing

    def check_intact(self, module: str, hook: str) -> None:
        """After a hook: the transaction it was called in must still be there, and usable."""
        if self._open_transactions() != self._transaction or not self._session.is_active:
            installed = self.composition.module(module)
            raise HookError(module=module, version=installed.version, hook=hook, reason="it ended the transaction")

    @property
    def wrote(self) -> bool:
        """Whether anything was written or is about to be."""
        return has_written(self._session)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is written and gathered inside is undone when it raises; holds asked for stay asked for."""
        kept, before = self.work.copy(), self._transaction
        changes = self._session.info.setdefault("changes", [])
        noted = len(changes)
        try:
            with self._session.begin_nested():
                self._transaction = self._open_transactions()
                yield
        except BaseException:
            kept.holds = self.work.holds
            self.work = kept
            del changes[noted:]
            raise
        finally:
            self._transaction = before

    def settle_holds(self) -> None:
        """Holds that were open for a subject that has passed now are moot."""
        for subject_id in self.work.passed:
            self.composition.holds.supersede(self, subject_id, self.command)
        self.work.passed.clear()

    def fill_numbers(self) -> None:
        """Take the numbers, in series order and each series at once: the last locks before commit."""
        by_series = sorted(self.work.numbers, key=lambda request: request.series)
        for series, group in groupby(by_series, key=lambda request: request.series):
            requests = list(group)
            first = next_numbers(self._session, series, len(requests))
            for number, wanted in enumerate(requests, first):
                for attribute, value in {**wanted.also, wanted.attribute: wanted.format(number)}.items():
                    setattr(wanted.row, attribute, value)
        self.work.numbers.clear()

    def _open_transactions(self) -> tuple[object, ...]:
        session = self._session
        connection = session.get_bind()
        assert isinstance(connection, Connection)
        return session.get_transaction(), session.get_nested_transaction(), connection.get_transaction()

    def _writable(self) -> None:
        if self.read_only:
            raise BadInput("This is a read; only commands write.")


def session_of(ctx: Context) -> GuardedSession:
    """The session behind a context; for the kernel alone."""
    return ctx._session


class _Calling(nullcontext[None]):
    def __init__(self, stack: list[str], module: str) -> None:
        super().__init__()
        self._stack, self._module = stack, module

    def __enter__(self) -> None:
        self._stack.append(self._module)

    def __exit__(self, *_: object) -> None:
        self._stack.pop()
