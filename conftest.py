"""Settings for every test of the repository."""

import atexit
import faulthandler
import gc
import os
import shutil
import sys
import tempfile

import pytest
from hypothesis import settings

# How long one example takes on a shared machine says nothing about the rule it checks.
settings.register_profile("huikuan", deadline=None, print_blob=True)
settings.load_profile("huikuan")

# Random documents are others in each run, and the same in all its processes.
FUZZ_SEED = "HUIKUAN_FUZZ_SEED"
os.environ.setdefault(FUZZ_SEED, str(int.from_bytes(os.urandom(4))))

# Schemas and documents are large and stay: Python's own thresholds (700, 10, 10) look through them all the time. A
# server raises them too.
gc.set_threshold(10_000, 20, 50)


def pytest_report_header() -> str:
    """How to repeat this run."""
    return f"{FUZZ_SEED}={os.environ[FUZZ_SEED]}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Soaks run for as long as they run: writing down where a test hangs, which may break it, is for the others."""
    if item.get_closest_marker("soak") is not None:
        faulthandler.cancel_dump_traceback_later()


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the garbage collector need not look through it again."""
    gc.freeze()


def _keep_compiled() -> None:
    """Let the processes that the tests start share what Python compiles, also where it may not lie beside the sources.

    There are hundreds of them, and compiling everything anew is a third of the time until one answers.
    """
    if not sys.dont_write_bytecode:
        return
    folder = tempfile.mkdtemp(prefix="huikuan-bytecode-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = folder
    sys.dont_write_bytecode = False


_keep_compiled()
