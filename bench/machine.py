"""What a figure was measured on. A row means nothing without it."""

import os
import platform
import sysconfig
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


def python() -> dict[str, Any]:
    """Version and build: an interpreter built without optimisation is up to a third slower."""
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "optimised": "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
