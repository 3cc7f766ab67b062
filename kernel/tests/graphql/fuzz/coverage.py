"""What the documents and answers of a campaign held, counted, so that nothing stops being tried unseen."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kernel.tests.graphql.fuzz.cases import Case, Outcome

EXPECTED: dict[str, int] = {
    "answered without an error": 250,
    "error": 100,
    "executed in part": 80,
    "null for a field alone": 60,
    "null went up": 30,
    "null went up to the root": 20,
    "the same error in several rows": 10,
    "request refused": 1,
    "empty list": 60,
    "error FORBIDDEN": 20,
    "error MODULE_FAILED": 4,
    "error INTERNAL": 30,
    "error NOT_FOUND": 1,
    "error BAD_USER_INPUT": 40,
    "value without a form": 20,
    "null where none is allowed": 15,
    "duplicate key": 4,
    "empty table": 10,
    "bad id": 5,
    "bad cursor": 1,
    "mutation": 30,
    "several commands": 20,
    "refused": 4,
    "changed by a command": 4,
    "Money": 100,
    "Decimal": 200,
    "Date": 60,
    "DateTime": 150,
    "JSON": 30,
    "enum": 80,
    "enum argument": 10,
    "Rating": 40,
    "Step": 10,
    "Label": 30,
    "to_one": 100,
    "to_many": 60,
    "contributed field": 150,
    "contributed to an output": 20,
    "connection of the root": 250,
    "connection of a row": 150,
    "paging at two levels": 20,
    "first": 100,
    "last": 50,
    "after": 40,
    "before": 40,
    "filter": 80,
    "orderBy": 100,
    "totalCount": 100,
    "pageInfo": 100,
    "edges": 100,
    "cursor": 80,
    "by key": 30,
    "Query.node": 20,
    "Query.nodes": 20,
    "Tag.subject": 20,
    "Shelf.around": 8,
    "concrete type on interface": 80,
    "named fragment": 200,
    "named fragment on interface": 20,
    "fragment used again": 15,
    "inline fragment with type": 100,
    "inline fragment without type": 80,
    "alias": 300,
    "same field with other arguments": 40,
    "merged selections": 80,
    "repeated leaf": 80,
    "__typename": 150,
    "variable": 200,
    "variable left out": 10,
    "null variable": 5,
    "variable's default": 30,
    "variable used twice": 2,
    "null for a variable with a default": 1,
    "null for an argument with a default": 1,
    "@skip by literal": 60,
    "@skip by variable": 40,
    "@include by literal": 60,
    "@include by variable": 40,
    "several operations": 10,
    "reference": 15,
    "introspection": 4,
    "document sent again": 200,
}
"""In how many of a thousand documents each must be found at least."""


@dataclass
class Tally:
    """Counts of one campaign."""

    documents: int = 0
    runs: int = 0
    invalid: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def add(self, cases: list[Case], outcomes: list[Outcome]) -> None:
        """Count one document, however often it was sent."""
        self.documents += 1
        self.runs += len(cases)
        self.found.update({name for case in cases for name in case.features} | set().union(*map(_features, outcomes)))

    def missing(self) -> list[str]:
        """What was found too rarely; few documents are allowed to be unlucky."""
        share = self.documents / 1_000
        return [
            f"{name}: {self.found[name]} of {self.documents}, wanted {wanted * share:.0f}"
            for name, wanted in EXPECTED.items()
            if self.found[name] < wanted * share - 3 * (wanted * share) ** 0.5
        ]

    def table(self) -> str:
        """The counts as a text."""
        counts = "\n".join(f"{count:>7,}  {name}" for name, count in sorted(self.found.items()))
        return f"{self.documents:,} documents, {self.runs:,} runs, {self.invalid:,} dropped as not valid\n{counts}"


_RAW = {"Cannot return null": "null where none is allowed"}


def _features(outcome: Outcome) -> set[str]:
    answer = outcome.theirs
    found = {name for name in outcome.seen if name in EXPECTED} | {
        name for raw, name in _RAW.items() if raw in outcome.seen
    }
    if "data" not in answer:
        return found | {"request refused"}
    if "[]" in json.dumps(answer["data"]):
        found.add("empty list")
    if not answer["errors"]:
        return found | {"answered without an error"}
    if answer["data"] is not None:
        found.add("executed in part")
    messages: Counter[str] = Counter()
    for error in answer["errors"]:
        found |= {"error", f"error {error['extensions']['code']}", _depth(answer["data"], error["path"])}
        if "cannot represent" in error["message"]:
            found.add("value without a form")
        messages[f"{error['message']} {error['locations']}"] += 1
    if max(messages.values()) > 1:
        found.add("the same error in several rows")
    return found


def _depth(data: Any, path: list[Any]) -> str:
    """How far the null of an error went."""
    place = 0
    while data is not None and place < len(path):
        data = data[path[place]]
        place += 1
    if place == len(path):
        return "null for a field alone"
    return "null went up" if place else "null went up to the root"
