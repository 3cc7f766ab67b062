"""Refusal codes of the small module."""

from huikuan.errors import RefusalCode

SHOP_TOO_LARGE = RefusalCode("SHOP_TOO_LARGE", "The order is larger than allowed.", release="shop.release")
SHOP_ODD = RefusalCode("SHOP_ODD", "Something is odd, but allowed.")
