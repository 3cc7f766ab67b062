"""What the deposits do, on SQLite and on PostgreSQL."""

DEPOSIT = {"amount": "3600.00", "currency": "EUR"}


def test_large_orders_wait_for_a_deposit(app_with):
    shop = app_with("acme_deposit")
    order = shop.orders.draft(total="12000")

    assert shop.mutate("orderConfirm", id=order.id).refused("ACME_DEPOSIT_MISSING")

    shop.mutate("acmeDepositRecord", order={"id": order.id}, amount=DEPOSIT)
    assert not shop.mutate("orderConfirm", id=order.id).codes


def test_small_orders_need_none(app_with):
    shop = app_with("acme_deposit")

    assert not shop.mutate("orderConfirm", id=shop.orders.draft(total="9999").id).codes


def test_a_deposit_of_less_than_30_percent_is_not_enough(app_with):
    shop = app_with("acme_deposit")
    order = shop.orders.draft(total="12000")
    shop.mutate("acmeDepositRecord", order={"id": order.id}, amount=DEPOSIT | {"amount": "3599.99"})

    assert shop.mutate("orderConfirm", id=order.id).refused("ACME_DEPOSIT_MISSING")


def test_a_deposit_in_another_currency_does_not_count(app_with):
    shop = app_with("acme_deposit")
    order = shop.orders.draft(total="12000")
    shop.mutate("acmeDepositRecord", order={"id": order.id}, amount=DEPOSIT | {"currency": "USD"})

    assert shop.mutate("orderConfirm", id=order.id).refused("ACME_DEPOSIT_MISSING")


def test_an_order_shows_what_was_deposited(app_with):
    shop = app_with("acme_deposit")
    order = shop.orders.draft(total="12000")
    shop.mutate("acmeDepositRecord", order={"id": order.id}, amount=DEPOSIT)

    found = shop.query("query($id: ID!) { order(id: $id) { deposited { amount currency } } }", id=order.id)

    assert found["order"]["deposited"] == DEPOSIT


def test_deposits_are_applied_once_the_order_is_confirmed(app_with):
    shop = app_with("acme_deposit")
    order = shop.orders.draft(total="12000")
    shop.mutate("acmeDepositRecord", order={"id": order.id}, amount=DEPOSIT)
    shop.mutate("orderConfirm", id=order.id)

    shop.work()

    assert shop.query("{ acmeDeposits { nodes { applied } } }")["acmeDeposits"]["nodes"] == [{"applied": True}]
