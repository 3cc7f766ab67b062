"""The peak memory of Python code in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# VmHWM, as getrusage also counts the process that started this one.
PEAK = "\nprint(open('/proc/self/status').read())"


def peak_mib(code: str, *arguments: str) -> int:
    """Run ``code`` and answer how much memory it had at most, in MiB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from /proc, which only Linux has")
    command = [sys.executable, "-c", code + PEAK, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert found
    return int(found[1]) // 1024
