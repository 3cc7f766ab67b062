"""huikuan check: every invariant of the enabled modules, one line each."""

from __future__ import annotations

import argparse
from typing import Any

from huikuan.cli.lookup import all_tenants, tenant_named
from huikuan.cli.opening import kernel_for
from huikuan.cli.output import print_json
from huikuan.cli.parsing import Parser, examples
from huikuan.cli.problems import FAILED
from huikuan.core.directory import Tenant
from huikuan.core.hookspecs import kernel_invariants
from huikuan.errors import BadInput, HuikuanError
from huikuan.invariants import CheckResult, Invariant, run_checks
from huikuan.kernel import Kernel

__all__ = ["configure"]


def configure(groups: Any, name: str, help: str, shared: argparse.ArgumentParser) -> None:
    parser: Parser = groups.add_parser(
        name,
        help=help,
        parents=[shared],
        description=f"{help.capitalize()}.\nEach module says what must always be true of its data (its invariants); "
        "this looks for rows that break it.\nExit code 1 if any do.",
        epilog=examples("""huikuan check --tenant acme
        huikuan check --all-tenants"""),
    )
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--tenant", metavar="NAME", help="short name of a tenant")
    whose.add_argument("--all-tenants", action="store_true", help="every tenant, suspended ones too")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=_check)


def _check(args: argparse.Namespace) -> int:
    with kernel_for(args) as kernel:
        tenants = all_tenants(kernel) if args.all_tenants else [tenant_named(kernel, args.tenant)]
        if not tenants:
            raise BadInput("there are no tenants yet; add one: huikuan tenant create acme")
        found = {tenant.slug: _results(kernel, tenant) for tenant in tenants}
    if args.json:
        print_json({slug: [_as_dict(item) for item in results] for slug, results in found.items()})
    else:
        for slug, results in found.items():
            _print(slug, results)
    return 0 if all(result.holds for results in found.values() for result in results) else FAILED


def _results(kernel: Kernel, tenant: Tenant) -> list[CheckResult]:
    try:
        with kernel.reading(kernel.scope(tenant.id)) as ctx:
            invariants = ctx.collect(kernel_invariants)
    except HuikuanError as error:
        return [CheckResult("kernel.modules", f"The tenant's modules do not fit together: {error.message}", 1, ())]
    return [_one(kernel, tenant, item) for item in sorted(invariants, key=lambda item: item.name)]


def _one(kernel: Kernel, tenant: Tenant, invariant: Invariant) -> CheckResult:
    """One invariant on a snapshot of its own, so that a long check holds no snapshot for all of them."""
    try:
        with kernel.reading(kernel.scope(tenant.id)) as ctx:
            return run_checks(ctx, [invariant])[0]
    except HuikuanError as error:
        # What cannot be proved does not hold; the others are checked all the same.
        return CheckResult(invariant.name, f"It could not be checked: {error.message}", 1, ())


def _print(slug: str, results: list[CheckResult]) -> None:
    width = max(len(result.name) for result in results)
    for result in results:
        if result.holds:
            print(f"{slug}  ok      {result.name:<{width}}  {result.violations} violations")
        else:
            first = ", ".join(str(id) for id in result.first)
            count = f"{result.violations} violation{'s' if result.violations > 1 else ''}"
            print(f"{slug}  BROKEN  {result.name:<{width}}  {count}{f', first: {first}' if first else ''}")
            print(f"{slug}          {'':<{width}}  {result.statement}")


def _as_dict(result: CheckResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "statement": result.statement,
        "violations": result.violations,
        "first": list(result.first),
    }
