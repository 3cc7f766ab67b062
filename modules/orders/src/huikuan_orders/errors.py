"""Codes that orders refuses with."""

from huikuan.errors import RefusalCode

WRONG_STATE = RefusalCode("ORDERS_WRONG_STATE", "The order's state does not allow this action")
REFERENCE_TAKEN = RefusalCode("ORDERS_REFERENCE_TAKEN", "Another order, with other content, has this reference")
EMPTY = RefusalCode("ORDERS_EMPTY", "The order has no lines")
NEGATIVE_TOTAL = RefusalCode("ORDERS_NEGATIVE_TOTAL", "A sale must not come to less than nothing")
RETURN_QUANTITY = RefusalCode("ORDERS_RETURN_QUANTITY", "A return has negative quantities only")
PRICE_MISSING = RefusalCode("ORDERS_PRICE_MISSING", "The product has no price in this currency, and none was given")
PRICE_INVALID = RefusalCode("ORDERS_PRICE_INVALID", "A pricing rule returned a line that the order cannot take")
LINE_UNKNOWN = RefusalCode("ORDERS_LINE_UNKNOWN", "The order has no such line")
CUSTOMER_ON_HOLD = RefusalCode("ORDERS_CUSTOMER_ON_HOLD", "The customer is on hold: no new order confirms")
PRODUCT_INACTIVE = RefusalCode("ORDERS_PRODUCT_INACTIVE", "A product of the order is no longer sold")
QUOTE_EXPIRED = RefusalCode("ORDERS_QUOTE_EXPIRED", "The quote's validity has ended")
BELOW_MINIMUM = RefusalCode(
    "ORDERS_BELOW_MINIMUM", "The order is smaller than the minimum order value", release="orders.release"
)
PRICE_BELOW_FLOOR = RefusalCode(
    "ORDERS_PRICE_BELOW_FLOOR",
    "A price is further below the list price than is allowed",
    release="orders.release",
)
FULFILLED = RefusalCode("ORDERS_FULFILLED", "Goods were shipped or invoiced: the order cannot go below that")
TEMPLATE_STOPPED = RefusalCode("ORDERS_TEMPLATE_STOPPED", "The template was stopped")
CUSTOMER_HAS_ORDERS = RefusalCode("ORDERS_CUSTOMER_HAS_ORDERS", "The customer has quotes or orders that have not ended")
TEMPLATE_TAKEN = RefusalCode("ORDERS_TEMPLATE_TAKEN", "Another template has this name")
