"""The kernel's own module: tenants, users, holds, audit and the event feed, through the same door."""
