"""What `huikuan new-module` writes works at once, installed as its author's users will have it."""

from pathlib import Path

import pytest

from tests.installation import Installation, build, install

pytestmark = pytest.mark.xdist_group("installation")

NAME = "acme_note"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, Path]:
    """A new module, installed from its wheel beside ours."""
    folder = tmp_path_factory.mktemp("new-module")
    site = install(folder / "installation", more=["pytest"])
    site.run("huikuan", "new-module", NAME, "--directory", str(folder))
    site.install(*build([folder / NAME], folder / "generated"))
    return site, folder / NAME


def test_its_tests_pass_and_it_conforms(generated: tuple[Installation, Path]) -> None:
    site, folder = generated
    assert (folder / "tests" / "test_conformance.py").is_file()
    said = site.run("pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    assert " passed" in said
    assert " failed" not in said
