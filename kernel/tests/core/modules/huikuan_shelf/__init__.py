"""Shelf: a module with one of everything, for the kernel's own tests."""

from huikuan import Module, Setting

__all__ = ["module"]

module = Module(
    name="shelf",
    title="Shelf",
    nouns=("item", "shelf"),
    permissions={
        "shelf.read": "See items",
        "shelf.edit": "Add and move items",
        "shelf.release": "Release items held for their weight",
        "shelf.approve": "Approve what the label asks",
    },
    roles={
        "keeper": ("shelf.read", "shelf.edit"),
        "warden": ("shelf.read", "shelf.release", "shelf.approve"),
    },
    settings={"shelf.limit": Setting(default=100, description="Largest quantity without approval")},
)
