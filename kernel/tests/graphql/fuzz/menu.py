"""The menu: which fields documents are made of, how often each is chosen, and what it stands for."""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from kernel.tests.graphql.fuzz.worlds import World

NODES = ("Room", "Vault", "Shelf", "Box", "Tag", "Visit", "Wish")
KNOWN = frozenset(
    {
        *NODES,
        *(f"{name}{suffix}" for name in NODES for suffix in ("Connection", "Edge")),
        *("Query", "Mutation", "Node", "PageInfo", "Money", "Label", "Step", "Rating", "Report", "Weighed", "Refusal"),
        *("ShelfLabelPayload", "ShelfPaintAllPayload", "ShelfFillPayload", "ShelfBreakPayload"),
        *("ShelfGuardPayload", "RoomWeighPayload"),
    }
)
"""The types that the reference knows; the kernel's own are left alone."""
LEAVES = frozenset({"depotEcho", "depotFails", "depotMust", "secretNumber", "secretText"})
"""Plain fields of the root that are ours."""
RISKY = frozenset(
    {
        *("Query.depotFails", "Query.depotMust", "Query.secretNumber", "Query.secretText", "Query.depotEcho"),
        *("Room.name", "Room.must", "Shelf.capacity", "Shelf.odd", "Shelf.room", "Shelf.secret", "Shelf.vault"),
        *("Shelf.looseText", "Shelf.looseFlag", "Shelf.looseRatio", "Shelf.looseDay", "Shelf.looseSum", "Shelf.cube"),
        "Shelf.looseList",
        *("Shelf.hues", "Shelf.secretRoom", "Shelf.secretBoxes", "Shelf.secretList", "Shelf.kindText"),
        *("Shelf.shaky", "Shelf.loose", "Shelf.hue", "Shelf.moment", "Shelf.marks", "Shelf.looseMarks"),
        *("Shelf.failing", "Shelf.hidden", "Visit.shelf", "Rating.remark", "Label.room", "Label.vault"),
        *("Label.stamp", "Label.weakStamp", "Label.failingStamp", "Label.hiddenStamp"),
        *("Room.vaults", "Query.wishes", "Query.wish", "Query.anything", "Weighed.room", "Report.room"),
    }
)
"""Fields that fail in some rows, or always; at the root they would too often leave nothing else."""
CONTRIBUTED = frozenset(
    {
        *("Shelf.visits", "Shelf.visitList", "Shelf.rating", "Shelf.ratings", "Shelf.shaky", "Shelf.loose"),
        *("Shelf.hue", "Shelf.moment", "Shelf.marks", "Shelf.looseMarks", "Shelf.fee", "Shelf.failing"),
        *("Shelf.hidden", "Room.motto", "Room.must", "Shelf.fees", "Shelf.hues", "Shelf.cube", "Shelf.labelRows"),
        *("Shelf.looseText", "Shelf.looseFlag", "Shelf.looseRatio", "Shelf.looseDay", "Shelf.looseSum"),
    }
)
"""Fields that the second module adds to the first one's types."""
ADDED = frozenset(
    {
        *("Label.stamp", "Label.weakStamp", "Label.twins", "Label.failingStamp", "Label.hiddenStamp", "Step.nextRoom"),
    }
)
"""Fields that the second module adds to outputs."""
LIKELY = frozenset(
    {
        *("steps", "labels", "shelves", "boxes", "visits", "nodes", "edges", "rating", "ratings"),
        *("room", "shelf", "heaviestShelf", "spareRoom", "subject", "maybeRooms", "secretRoom", "labelRows"),
    }
)
"""Fields that lead on, chosen more often."""
PAGES = {
    ("Room", "shelves"): ("Shelf", "room_id"),
    ("Room", "spares"): ("Shelf", "spare_room_id"),
    ("Room", "shelfList"): ("Shelf", "room_id"),
    ("Room", "vaults"): ("Vault", "room_id"),
    ("Shelf", "boxes"): ("Box", "shelf_id"),
    ("Shelf", "boxList"): ("Box", "shelf_id"),
    ("Shelf", "secretBoxes"): ("Box", "shelf_id"),
    ("Shelf", "secretList"): ("Box", "shelf_id"),
    ("Shelf", "visits"): ("Visit", "shelf_id"),
    ("Shelf", "visitList"): ("Visit", "shelf_id"),
}
"""Lists of rows, and the column that says whose they are."""


class Menu:
    """Made once for a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.nodes = [type_ for name in NODES[:-1] if isinstance(type_ := schema.type_map[name], GraphQLObjectType)]
        self.fields = cache(self._fields)
        self.leaves = cache(self._leaves)
        self.features = cache(self._features)

    def _fields(self, type_: Any) -> list[str]:
        """Names, the likely ones several times. The first is the plainest."""
        found: list[str] = []
        for name, field in type_.fields.items():
            inner = get_named_type(field.type)
            root = type_.name in ("Query", "Mutation")
            if inner.name not in KNOWN and not (is_leaf_type(inner) and (not root or name in LEAVES)):
                continue
            times = 3 if f"{type_.name}.{name}" not in RISKY else 1 if root else 4
            if times > 1 and ((type_.name == "Query" and inner.name.endswith("Connection")) or name in LIKELY):
                times = 6
            found += [name] * times
        return sorted(found, key=lambda name: name != "id")

    def _leaves(self, type_: Any) -> list[str]:
        return [name for name in self._fields(type_) if is_leaf_type(get_named_type(type_.fields[name].type))]

    def times(self, world: World, type_name: str, name: str) -> float:
        """How many objects a field leads to, on average, and a little more."""
        if (type_name, name) in PAGES:
            target, _ = PAGES[type_name, name]
            return max(1.0, 1.5 * len(world.rows[target]) / max(1, len(world.rows[type_name])))
        inner = get_named_type(self.schema.type_map[type_name].fields[name].type).name  # type: ignore[attr-defined]
        if type_name == "Query" and inner.endswith("Connection"):
            return float(max(1, len(world.rows[inner.removesuffix("Connection")])))
        return {"nodes": 1.0, "edges": 1.0, "someRooms": 3.0, "around": 4.0, "rooms": 2.5, "maybeRooms": 2.5}.get(
            name, 3.0 if name in ("ratings", "steps", "labelRows", "twins") else 1.0
        )

    def _features(self, type_name: str, name: str) -> frozenset[str]:
        """What a field stands for in the table of what was covered."""
        inner = get_named_type(self.schema.type_map[type_name].fields[name].type).name  # type: ignore[attr-defined]
        path = f"{type_name}.{name}"
        found = {inner} & {"Money", "Decimal", "Date", "DateTime", "JSON", "Rating", "Step", "Label"}
        if inner.endswith("Connection"):
            found.add("connection of the root" if type_name == "Query" else "connection of a row")
        if path in CONTRIBUTED:
            found.add("contributed field")
        if path in ADDED:
            found.add("contributed to an output")
        if inner in ("ShelfKind", "Verdict", "RefusalLevel"):
            found.add("enum")
        if path in ("Query.node", "Query.nodes", "Query.anything", "Tag.subject", "Shelf.around"):
            found.add(path)
        if name in ("totalCount", "pageInfo", "edges", "cursor", "shelfList", "boxList", "visitList"):
            found.add("to_many" if name.endswith("List") else name)
        if path in ("Shelf.room", "Shelf.spareRoom", "Visit.shelf", "Box.shelf", "Shelf.vault", "Vault.room"):
            found.add("to_one")
        if inner in ("Wish", "WishConnection"):
            found.add("empty table")
        return frozenset(found)
