"""The mirror keeps the directory, and a source that fails or a crash changes nothing."""

from __future__ import annotations

import fcntl
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from gateway.errors import (
    Corrupt,
    Locked,
    NotFound,
    Unreachable,
)
from keys.mirror import Mirror, file_source
from tests.keys.agencies import (
    RO,
    agency_keys,
    later_version,
    reopened,
)
from tests.keys.scene import Scene


def test_an_honest_directory_is_read_and_kept(scene: Scene) -> None:
    assert scene.before.active == {"police.nl", "police.ro"}
    assert scene.mirror.load() == scene.before
    assert Mirror(scene.mirror_path, scene.pin).load() == scene.before


def test_a_later_directory_replaces_it(scene: Scene) -> None:
    keepers = reopened(scene.home)
    keepers.set_baseline("forbid (principal, action, resource);\n")
    keepers.publish()

    after = scene.mirror.refresh(scene.source())

    assert after.baseline == "forbid (principal, action, resource);\n"
    assert scene.mirror.load() == after


def test_a_mirror_that_never_saw_anything_has_nothing(tmp_path: Path, scene: Scene) -> None:
    mirror = Mirror(tmp_path / "other", scene.pin)

    with pytest.raises(NotFound) as refused:
        mirror.load()
    assert refused.value.code == "no-directory"


def test_a_source_without_files_is_unreachable(tmp_path: Path, scene: Scene) -> None:
    def broken(path: str) -> bytes | None:
        raise ConnectionError(path)

    for source in (lambda path: None, broken):
        with pytest.raises(Unreachable):
            scene.mirror.refresh(source)
        assert scene.mirror.load() == scene.before
    with pytest.raises(Unreachable):
        file_source(tmp_path / "absent")


@pytest.mark.parametrize(
    "withheld", ["timestamp.json", ".snapshot.json", ".targets.json", ".keys-police.ro.json"]
)
def test_a_source_that_withholds_a_file_changes_nothing(scene: Scene, withheld: str) -> None:
    keepers = reopened(scene.home)
    keepers.set_baseline("forbid (principal, action, resource);\n")
    keepers.accept_keys("police.ro", *RO.handed_in(later_version(agency_keys("police.ro")), 2))
    keepers.publish()
    honest = scene.source()

    with pytest.raises(Unreachable):
        scene.mirror.refresh(lambda path: None if path.endswith(withheld) else honest(path))

    assert scene.mirror.load() == scene.before
    assert scene.mirror.refresh(honest).baseline != scene.before.baseline


@pytest.mark.parametrize(
    "path",
    [
        "../federation.keys",
        "metadata/../../federation.keys",
        "/etc/passwd",
        "metadata//timestamp.json",
        "",
        ".",
        "..",
    ],
)
def test_a_folder_gives_nothing_from_outside_itself(scene: Scene, path: str) -> None:
    assert scene.source()(path) is None


def test_a_folder_gives_nothing_through_a_link_that_leads_out(scene: Scene) -> None:
    (scene.repository / "metadata" / "link.json").symlink_to(scene.home / "federation.keys")

    assert scene.source()("metadata/link.json") is None
    assert scene.source()("metadata/timestamp.json") is not None


@pytest.mark.parametrize("changed", ["targets/policy%2Fbaseline.cedar", "targets/keys%2Fpolice.ro.json"])
def test_a_kept_file_that_changed_is_corrupt(scene: Scene, changed: str) -> None:
    (scene.mirror_path / "state" / changed).write_bytes(b"changed")

    with pytest.raises(Corrupt):
        scene.mirror.load()
    assert scene.mirror.refresh(scene.source()) == scene.before


def test_a_crash_between_the_two_renames_loses_nothing(scene: Scene) -> None:
    (scene.mirror_path / "state").rename(scene.mirror_path / "old")
    shutil.copytree(scene.mirror_path / "old", scene.mirror_path / "next", symlinks=True)

    assert scene.mirror.load() == scene.before
    assert scene.mirror.refresh(scene.source()) == scene.before
    assert not (scene.mirror_path / "next").exists()


def test_of_two_refreshes_one_waits_for_nobody(scene: Scene) -> None:
    with (scene.mirror_path / "refresh.lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        with pytest.raises(Locked):
            scene.mirror.refresh(scene.source())
        assert scene.mirror.load() == scene.before

    scene.mirror.refresh(scene.source())


def test_every_accepted_version_is_kept(scene: Scene) -> None:
    scene.slip_in("police.ro", *RO.handed_in(later_version(agency_keys("police.ro")), 2))

    scene.mirror.refresh(scene.source())

    assert sorted(file.name for file in (scene.mirror_path / "kept" / "police.ro").iterdir()) == [
        "1.json",
        "2.json",
    ]


def test_the_directory_expires_with_its_first_part(scene: Scene) -> None:
    ends: list[datetime] = [
        scene.newest(role).expires for role in ("root", "targets", "snapshot", "timestamp")
    ]

    assert scene.before.expires_at == min(ends)
