"""The kernel keeps the rules that make sense for it."""

import zipfile
from pathlib import Path

import huikuan
from huikuan.testing.conformance import KernelConformance
from huikuan.testing.conformance_wheel import build_wheel

SOURCE = Path(__file__).parents[2]


class TestKernel(KernelConformance):
    pass


def test_the_wheel_holds_all_that_the_source_does(tmp_path: Path) -> None:
    package = SOURCE / "src" / "huikuan"
    assert Path(huikuan.__file__).parent == package
    files = {path.relative_to(SOURCE / "src").as_posix() for path in package.rglob("*") if path.is_file()}
    with zipfile.ZipFile(build_wheel(SOURCE, tmp_path)) as wheel:
        missing = {name for name in files if "__pycache__" not in name} - set(wheel.namelist())
    assert not missing
    assert {"huikuan/py.typed", "huikuan/testing/plugin.py"} <= files
