"""What is shipped is what is here: every file of the packages is in the wheel, data files included."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from policy.authoring.cases import FOLDERS
from tests.project import PACKAGES, ROOT, project_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Return the wheel, built without network or isolation."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, check=True, cwd=ROOT, capture_output=True, timeout=120)
    (path,) = folder.glob("comity-*.whl")
    return zipfile.ZipFile(path)


def _files(*folders: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in project_files(*folders)}


def test_every_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert _files(*PACKAGES) - set(wheel.namelist()) == set()


def test_the_types_of_every_package_are_shipped(wheel: zipfile.ZipFile) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel.namelist())


def test_nothing_but_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert shipped - _files(*PACKAGES) == _cases()


def _cases() -> set[str]:
    files = (path for folder in FOLDERS for path in (ROOT / "tests" / "policy" / folder).glob("*.toml"))
    return {f"policy/cases/{path.parent.name}/{path.name}" for path in files}


@pytest.mark.parametrize(
    ("folder", "suffix"),
    [
        ("policy", ".cedar"),
        ("policy", ".cedarschema"),
        ("policy", ".toml"),
        ("gateway/cli", ".json"),
        ("adapters/europol", ".xsd"),
    ],
)
def test_data_that_is_read_at_run_time_is_shipped(wheel: zipfile.ZipFile, folder: str, suffix: str) -> None:
    assert [name for name in wheel.namelist() if name.startswith(f"{folder}/") and name.endswith(suffix)]


def test_the_migrations_of_the_store_are_shipped(wheel: zipfile.ZipFile) -> None:
    shipped = [Path(name) for name in wheel.namelist() if name.startswith("gateway/store/migrations/")]

    assert "env.py" in {path.name for path in shipped}
    assert [path for path in shipped if path.parent.name == "versions" and path.suffix == ".py"]


def test_the_wheel_runs_without_the_project_beside_it(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import gateway\n"
        f"assert gateway.__file__.startswith({str(tmp_path)!r})\n"
        "from gateway.cli.main import run\n"
        "from policy.authoring.catalogue import shipped_cases\n"
        "assert shipped_cases()\n"
        "sys.exit(run(['--help']))\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, capture_output=True, timeout=60)


def test_the_command_and_the_licence_are_shipped(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]

    assert b"comity = gateway.cli.main:main" in wheel.read(entry_points)
    assert [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
