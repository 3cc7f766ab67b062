"""Codes that products refuses with."""

from huikuan import RefusalCode

__all__ = ["PRICE_OVERLAP", "SKU_TAKEN", "TAX_RATE_IN_USE", "TAX_RATE_TAKEN"]

PRICE_OVERLAP = RefusalCode("PRODUCTS_PRICE_OVERLAP", "Another price holds for the same quantity at the same time")
SKU_TAKEN = RefusalCode("PRODUCTS_SKU_TAKEN", "Another product, with other content, has this SKU")
TAX_RATE_IN_USE = RefusalCode("PRODUCTS_TAX_RATE_IN_USE", "Products use this tax rate")
TAX_RATE_TAKEN = RefusalCode("PRODUCTS_TAX_RATE_TAKEN", "Another tax rate, with other content, has this code")
