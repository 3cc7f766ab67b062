# The one command for each job; `just` lists them. Install just with: uv sync --group lint

lint_run := "uv run --group lint"

_default:
    @just --list --unsorted

# Everything, or one distribution: just test orders; just test kernel
test target="" *options:
    uv run pytest {{ if target == "" { "" } else if target == "kernel" { "kernel/tests" } else { "modules/" + target } }} {{ options }}

# Tests that run for minutes or longer
soak *options:
    uv run pytest -m soak {{ options }}

# Rewrite the code in the house format
fmt:
    {{ lint_run }} ruff check --fix
    {{ lint_run }} ruff format

lint:
    {{ lint_run }} ruff check
    {{ lint_run }} ruff format --check

types:
    {{ lint_run }} mypy

# Who may import whom
contracts:
    {{ lint_run }} lint-imports --no-logo

# Each distribution with nothing but what it requires, or one of them: just isolated orders
isolated *targets:
    uv run python -m tools.isolated {{ targets }}

# One bench with its bars: just bench NAME --json
bench *arguments:
    uv run python -m bench {{ arguments }}

# Newest versions of everything, written into pyproject.toml
pins:
    uv run python -m tools.pins
    uv sync --all-groups

# Do all links in the documents lead somewhere?
docs:
    uv run python -m tools.docs

# Write docs/hooks.md and the table of settings anew
hooks:
    uv run python -m tools.hooks_doc
    uv run python -m tools.settings_doc

# Write the committed GraphQL schemas anew
schemas:
    uv run python -m tools.schemas

# What continuous integration runs
ci:
    .ci/run
