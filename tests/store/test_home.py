"""A home is private and belongs to one process at a time (F10)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import Conflict, Locked, Misconfigured, NotFound
from gateway.store.store import Store
from tests.store.material import commit, release_unit


def test_home_and_files_are_for_the_owner_alone(store: Store, home: Path) -> None:
    commit(store, release_unit(1))
    store.read.head()

    modes = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir()}

    assert home.stat().st_mode & 0o777 == 0o700
    assert modes == {"lock": 0o600, "store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_files_are_private_under_any_umask(home: Path) -> None:
    before = os.umask(0)
    try:
        Store.create(home).close()
    finally:
        os.umask(before)

    assert all(path.stat().st_mode & 0o077 == 0 for path in (home, *home.iterdir()))


@pytest.mark.parametrize("name", [".", "store.db"])
def test_home_open_to_others_is_refused(store: Store, home: Path, name: str) -> None:
    store.close()
    (home / name).chmod(0o755)

    with pytest.raises(Misconfigured) as refusal:
        Store.open(home)

    assert refusal.value.code == "home-open"


def test_second_store_on_a_home_is_refused_and_names_the_holder(store: Store, home: Path) -> None:
    with pytest.raises(Locked) as refusal:
        Store.open(home)

    assert refusal.value.facts["pid"] == str(os.getpid())
    assert str(os.getpid()) in str(refusal.value)


def test_second_process_on_a_home_is_refused(store: Store, home: Path) -> None:
    code = (
        "import sys, pathlib; from gateway.errors import Locked; from gateway.store.store import Store\n"
        "try: Store.open(pathlib.Path(sys.argv[1]))\n"
        "except Locked as e: print(e.code, e.facts['pid'])"
    )

    other = subprocess.run(
        [sys.executable, "-c", code, str(home)], capture_output=True, text=True, timeout=60, check=True
    )

    assert other.stdout.split() == ["home-locked", str(os.getpid())]


def test_home_is_free_after_close_and_after_a_failed_open(store: Store, home: Path) -> None:
    store.close()
    store.close()
    home.chmod(0o755)
    with pytest.raises(Misconfigured):
        Store.open(home)
    home.chmod(0o700)
    with pytest.raises(Conflict):
        Store.create(home)

    Store.open(home).close()


def test_home_without_a_store_is_not_opened(home: Path) -> None:
    with pytest.raises(NotFound):
        Store.open(home)

    assert not home.exists()


def test_home_with_a_store_is_not_created_again(store: Store, home: Path) -> None:
    commit(store, release_unit(1))
    store.close()

    with pytest.raises(Conflict) as refusal:
        Store.create(home)

    assert refusal.value.code == "home-exists"
    with Store.open(home) as again:
        assert again.read.head().size == 1


def test_lock_that_is_a_link_is_refused(home: Path, tmp_path: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Misconfigured):
        Store.create(home)

    assert not (tmp_path / "elsewhere").exists()


def test_closed_store_leaves_no_log_behind(store: Store, home: Path) -> None:
    commit(store, release_unit(1))

    store.close()

    assert {path.name for path in home.iterdir()} == {"lock", "store.db"}


def test_home_path_may_hold_any_character(tmp_path: Path) -> None:
    home = tmp_path / "a%20b ?#%(x)s"

    with Store.create(home) as store:
        commit(store, release_unit(1))

    assert (home / "store.db").is_file()
