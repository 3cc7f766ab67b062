"""What other modules may call."""

from huikuan_products.commands import price_set, product_create, tax_rate_create
from huikuan_products.queries import default_tax_rate, price_of, products_after, products_by_id, products_by_sku

__all__ = [
    "default_tax_rate",
    "price_of",
    "price_set",
    "product_create",
    "products_after",
    "products_by_id",
    "products_by_sku",
    "tax_rate_create",
]
