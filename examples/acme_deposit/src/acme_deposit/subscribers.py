from sqlalchemy import update

from acme_deposit.models import Deposit
from huikuan import Context, subscribe
from huikuan_orders.events import OrderConfirmed


@subscribe(OrderConfirmed)
def apply_deposits(ctx: Context, event: OrderConfirmed) -> None:
    """After the confirmation: its deposits are no longer free to be given back."""
    ctx.execute(update(Deposit).where(Deposit.order_id == event.order_id).values(applied=True))
