"""A partner's module: it knows how customers pay, what they borrowed, and what a bureau says of them."""

from huikuan import Module

module = Module(name="bureau", title="Bureau", description="Knows customers.", requires=["credit"])
