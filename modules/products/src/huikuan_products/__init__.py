"""Products, their prices and tax rates."""

from huikuan import Module, Setting

__all__ = ["module"]

module = Module(
    name="products",
    title="Products",
    description="What is sold: goods and services, prices by currency and validity, tax rates.",
    nouns=("product", "price", "tax_rate"),
    permissions={
        "products.read": "See products, prices and tax rates",
        "products.manage": "Create and change products, prices and tax rates",
    },
    roles={
        "admin": ("products.read", "products.manage"),
        "integration": ("products.read", "products.manage"),
        "product_manager": ("products.read", "products.manage"),
    },
    settings={
        "products.default_tax_rate": Setting(
            default=None, description="Code of the tax rate of products that name none; empty for no tax"
        ),
    },
)
