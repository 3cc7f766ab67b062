"""huikuan check, events, jobs, worker, schema: what an operator looks at."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema
from sqlalchemy import update

from huikuan.core.models import Delivery, DeliveryState, OutboxEvent
from huikuan.db.writes import insert_rows
from huikuan.kernel import Kernel
from huikuan.settings import Settings
from kernel.tests.cli.kit import Cli


@pytest.fixture
def kernel(ready: Cli, tmp_path: Path) -> Iterator[Kernel]:
    """The server's side, on the same file."""
    kernel = Kernel.open(Settings.load({}, {"database_url": str(tmp_path / "huikuan.db")}))
    yield kernel
    kernel.close()


def add_note(kernel: Kernel) -> None:
    scope = kernel.scope("acme")
    assert kernel.run(scope, "cli_base_note_add", {"code": "A", "text": "one"}).done


def test_every_invariant_has_a_line(ready: Cli) -> None:
    ended = ready("check", "--all-tenants")

    assert ended.code == 0
    lines = ended.out.splitlines()
    assert "acme  ok      cli_base.note-text          0 violations" in lines
    assert any("kernel.event-sequence" in line for line in lines)


def test_a_broken_invariant_is_named_with_the_rows_that_break_it(ready: Cli, kernel: Kernel) -> None:
    add_note(kernel)
    scope = kernel.scope("acme")
    with kernel.database.command(scope.tenant.id, kernel.clock) as session:
        session.execute(update(OutboxEvent).values(sequence=7).execution_options(synchronize_session=False))

    ended = ready("check", "--tenant", "acme")
    as_json = json.loads(ready("check", "--tenant", "acme", "--json").out)

    assert ended.code == 1
    assert "BROKEN  kernel.event-sequence       1 violation, first: " in ended.out
    assert "The events of each aggregate are numbered" in ended.out
    assert [row["violations"] for row in as_json["acme"] if row["name"] == "kernel.event-sequence"] == [1]


def test_events_are_placed_by_the_worker_and_listed(ready: Cli, kernel: Kernel) -> None:
    add_note(kernel)

    worked = ready("worker", "--once")
    listed = json.loads(ready("events", "list", "--tenant", "acme", "--json").out)

    assert worked.out.startswith("1 events placed, 0 deliveries, ")
    assert [(row["position"], row["type"], row["payload"]["code"]) for row in listed] == [
        (1, "CLI_BASE_NOTE_ADDED", "A")
    ]
    assert ready("events", "list", "--tenant", "acme", "--type", "OTHER").out == "no such events\n"


def dead_letter(kernel: Kernel) -> str:
    """A delivery that was given up."""
    add_note(kernel)
    scope = kernel.scope("acme")
    with kernel.database.command(scope.tenant.id, kernel.clock) as session:
        event = session.query(OutboxEvent).one()
        row = {
            "event_id": event.id,
            "position": 1,
            "consumer": "cli_base.send:CLI_BASE_NOTE_ADDED",
            "state": DeliveryState.DEAD,
            "attempts": 8,
            "next_at": kernel.clock.now(),
            "error": "Timeout: no answer",
        }
        insert_rows(session, Delivery, [row])
        return str(session.query(Delivery).one().id)


def test_dead_letters_are_listed_and_tried_again(ready: Cli, kernel: Kernel) -> None:
    id = dead_letter(kernel)

    listed = ready("events", "dead-letters")
    replayed = ready("events", "replay", id, "--tenant", "acme")

    assert "cli_base.send:CLI_BASE_NOTE_ADDED" in listed.out
    assert "Timeout: no answer" in listed.out
    assert replayed.out == "1 delivery will be tried again\n"
    assert ready("events", "dead-letters").out == "no dead letters\n"


def test_only_dead_letters_are_tried_again(ready: Cli, kernel: Kernel) -> None:
    add_note(kernel)

    unknown = ready("events", "replay", "123", "--tenant", "acme")
    nothing = ready("events", "replay", "--tenant", "acme")

    assert unknown.err == "huikuan: 123 is no dead letter of acme; see: huikuan events dead-letters.\n"
    assert nothing.err.startswith("huikuan: Give the ids to deliver again, or --all")
    assert unknown.code == nothing.code == 2


def test_jobs_alone_lists_those_of_all_tenants(ready: Cli) -> None:
    ended = ready("jobs")

    assert ended.code == 0
    assert "kernel.seal_audit" in ended.out
    assert ended.out == ready("jobs", "list").out


def test_a_job_runs_at_once(ready: Cli) -> None:
    assert ready("jobs", "run", "kernel.seal_audit", "--tenant", "acme").out == "ran kernel.seal_audit\n"


def test_a_job_that_is_not_there_is_answered_with_those_there_are(ready: Cli) -> None:
    ended = ready("jobs", "run", "kernel.seal", "--tenant", "acme")

    assert ended.code == 2
    assert "acme has no job 'kernel.seal'; it has: " in ended.err
    assert "kernel.seal_audit" in ended.err


def test_the_schema_of_some_modules_holds_no_others(sample_modules: None, cli: Cli) -> None:
    base = cli("schema", "--modules", "cli_base")
    top = cli("schema", "--modules", "cli_top")

    assert base.code == top.code == 0
    assert "cliBaseNoteAdd" in base.out
    assert "cliTopNoteAdd" not in base.out
    assert "cliBaseNoteAdd" in top.out  # what it requires comes along
    build_schema(top.out)


def test_a_tenants_schema_is_that_of_its_modules(ready: Cli, tmp_path: Path) -> None:
    ended = ready("schema", "--tenant", "acme", "-o", "acme.graphql")

    assert ended.code == 0
    assert (tmp_path / "acme.graphql").read_text() == ready("schema", "--modules", "cli_top").out


@pytest.mark.parametrize(("surface", "field"), [("control", "tenantCreate"), ("anonymous", "login")])
def test_operators_and_strangers_have_schemas_of_their_own(cli: Cli, surface: str, field: str) -> None:
    ended = cli("schema", "--surface", surface)

    assert ended.code == 0
    assert field in ended.out
    build_schema(ended.out)


def test_the_schema_is_the_same_in_every_process(sample_modules: None, cli: Cli) -> None:
    command = [sys.executable, "-m", "huikuan.cli", "schema", "--modules", ""]

    other = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert other == cli("schema", "--modules", "").out
