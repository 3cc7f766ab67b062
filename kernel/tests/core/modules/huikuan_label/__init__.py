"""Label: answers the hooks of shelf as a test tells it to."""

from huikuan import Module

__all__ = ["module"]

module = Module(
    name="label",
    title="Label",
    requires=["shelf"],
    permissions={"label.read": "See labels"},
    roles={"keeper": ("label.read",)},
)
