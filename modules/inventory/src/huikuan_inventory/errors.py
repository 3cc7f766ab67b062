"""Codes that inventory refuses with."""

from huikuan.errors import RefusalCode

SHORT = RefusalCode("INVENTORY_SHORT", "Not enough goods are available", release="inventory.release")
WAREHOUSE_TAKEN = RefusalCode("INVENTORY_WAREHOUSE_TAKEN", "Another warehouse has this code")
WAREHOUSE_INACTIVE = RefusalCode("INVENTORY_WAREHOUSE_INACTIVE", "The warehouse is not in use")
NO_STOCK_KEPT = RefusalCode("INVENTORY_NO_STOCK_KEPT", "Services have no stock")
REFERENCE_TAKEN = RefusalCode("INVENTORY_REFERENCE_TAKEN", "Something else, with other content, has this reference")
WRONG_STATE = RefusalCode("INVENTORY_WRONG_STATE", "Its state does not allow this action")
NOT_RESERVED = RefusalCode("INVENTORY_NOT_RESERVED", "Less is reserved, or free of other shipments, than is to leave")
NOTHING_TO_SHIP = RefusalCode("INVENTORY_NOTHING_TO_SHIP", "Nothing is reserved that no shipment holds yet")
SUBJECTS_DIFFER = RefusalCode("INVENTORY_SUBJECTS_DIFFER", "A shipment is for one subject and from one warehouse")
OVER_RETURN = RefusalCode("INVENTORY_OVER_RETURN", "More comes back than was shipped")
ORDER_STOPPED = RefusalCode("INVENTORY_ORDER_STOPPED", "The order is on hold, closed or not confirmed")
