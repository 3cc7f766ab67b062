"""Settings for every test of the repository."""

import faulthandler
import os

import pytest
from hypothesis import settings

# How long one example takes on a shared machine says nothing about the rule it checks.
settings.register_profile("huikuan", deadline=None, print_blob=True)
settings.load_profile("huikuan")

# Random documents are others in each run, and the same in all its processes.
FUZZ_SEED = "HUIKUAN_FUZZ_SEED"
os.environ.setdefault(FUZZ_SEED, str(int.from_bytes(os.urandom(4))))


def pytest_report_header() -> str:
    """How to repeat this run."""
    return f"{FUZZ_SEED}={os.environ[FUZZ_SEED]}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Soaks run for as long as they run: writing down where a test hangs, which may break it, is for the others."""
    if item.get_closest_marker("soak") is not None:
        faulthandler.cancel_dump_traceback_later()
