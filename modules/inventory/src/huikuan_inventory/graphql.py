"""Root fields of inventory that are no plain lists, and what inventory adds to products."""

from __future__ import annotations

from decimal import Decimal

from huikuan.context import Context
from huikuan.graphql import connection, extend, query
from huikuan.values import Ref
from huikuan_inventory.queries import promise_for
from huikuan_inventory.types import StockItem, StockPromise, Warehouse, as_promises
from huikuan_inventory.warnings import StockWarning, find_warnings
from huikuan_products.types import Product

__all__ = ["ProductStock", "WarehouseStock", "stock_promise", "stock_warnings"]


@query(permission="inventory.read")
def stock_promise(
    ctx: Context, warehouse: Ref[Warehouse], product: Ref[Product], quantity: Decimal
) -> list[StockPromise]:
    """When a quantity that nobody has ordered yet could be there: now, as goods come in, or nobody knows."""
    return as_promises(promise_for(ctx, warehouse.id, {product.id: quantity})[product.id])


@query(permission="inventory.read")
def stock_warnings(ctx: Context) -> list[StockWarning]:
    """Low stock, goods that are not in sight and goods that come too late, with who waits and the money held up."""
    return find_warnings(ctx)


@extend(Product)
class ProductStock:
    """Stock of a product."""

    stock = connection(StockItem, "product_id", "Its balances by warehouse.", permission="inventory.read")


@extend(Warehouse)
class WarehouseStock:
    """Stock of a warehouse."""

    stock = connection(StockItem, "warehouse_id", "Its balances by product.")
