"""What is asked for, in GraphQL; the other side answers the same without it."""

from __future__ import annotations

__all__ = ["LIST", "ONE", "PAGE", "PLAIN_LIST", "SMALL"]

ORDER = """
  id number status orderedOn
  total { amount currency }
  customer { id name }
  lines { id position sku description quantity unitPrice net { amount currency } }
"""
LIST = f"query Orders($first: Int!) {{ orders(first: $first) {{ nodes {{ {ORDER} }} }} }}"
PLAIN_LIST = f"query Orders($first: Int!) {{ orders(first: $first) {{ {ORDER} }} }}"
ONE = f"query Order($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}"
SMALL = "query Number($id: ID!) { order(id: $id) { number } }"
PAGE = """query Page($after: String, $order: [OrderOrderBy!]) {
  orders(first: 50, after: $after, orderBy: $order) {
    nodes { id number status orderedOn total { amount currency } customer { id name } }
    pageInfo { hasNextPage endCursor }
  }
}"""
