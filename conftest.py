"""Settings for every test of the repository."""

from hypothesis import settings

# How long one example takes on a shared machine says nothing about the rule it checks.
settings.register_profile("huikuan", deadline=None, print_blob=True)
settings.load_profile("huikuan")
