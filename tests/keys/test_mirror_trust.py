"""Whose root is believed, and what the federation may not sign."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]
from tuf.api.metadata import (  # type: ignore[attr-defined]
    DelegatedRole,
    Metadata,
    Root,
    Targets,
)

from gateway.errors import (
    GatewayError,
    VerificationFailed,
)
from keys.document import write_blob
from keys.ed25519 import Ed25519Signer
from keys.metadata import describe, keys_role, sign_metadata, tuf_key
from keys.mirror import Mirror, file_source
from tests.keys.agencies import (
    NL,
    RO,
    federation,
)
from tests.keys.scene import Scene
from tests.keys.test_ed25519 import WEAK

# Whose root, which keys.


def test_another_federations_directory_is_refused(scene: Scene, tmp_path: Path) -> None:
    other = federation(tmp_path / "other", NL, RO)

    scene.refused(file_source(other.repository_path))


def test_a_mirror_opened_with_another_pin_refuses_its_own_files(scene: Scene, tmp_path: Path) -> None:
    other = federation(tmp_path / "other", NL, RO).root()

    with pytest.raises(GatewayError):
        Mirror(scene.mirror_path, other).load()


def _root(scene: Scene, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return the root, changed as a dictionary and signed again by the same key."""
    document = json.loads(scene.pin)
    change(document["signed"])
    signer = scene.signer("root")
    key_id = tuf_key(signer.public_key).keyid
    payload = encode_canonical(document["signed"])
    assert payload is not None
    document["signatures"] = [{"keyid": key_id, "sig": signer.sign(payload.encode()).hex()}]
    return json.dumps(document).encode()


def _threshold_zero(signed: dict[str, Any]) -> None:
    signed["roles"]["targets"]["threshold"] = 0


def _key_id_twice(signed: dict[str, Any]) -> None:
    signed["roles"]["targets"]["keyids"] *= 2
    signed["roles"]["targets"]["threshold"] = 2


def _key_under_two_ids(signed: dict[str, Any]) -> None:
    (key_id,) = signed["roles"]["targets"]["keyids"]
    signed["keys"]["0" * 64] = signed["keys"][key_id]
    signed["roles"]["targets"].update(keyids=[key_id, "0" * 64], threshold=2)


def _weak_key(signed: dict[str, Any]) -> None:
    (key_id,) = signed["roles"]["targets"]["keyids"]
    signed["keys"][key_id]["keyval"]["public"] = WEAK[4].hex()


def _other_kind_of_key(signed: dict[str, Any]) -> None:
    (key_id,) = signed["roles"]["targets"]["keyids"]
    signed["keys"][key_id].update(keytype="rsa", scheme="rsassa-pss-sha256")


def _inconsistent(signed: dict[str, Any]) -> None:
    signed["consistent_snapshot"] = False


@pytest.mark.parametrize(
    "change",
    [_threshold_zero, _key_id_twice, _key_under_two_ids, _weak_key, _other_kind_of_key, _inconsistent],
)
def test_a_root_in_which_a_key_counts_wrongly_is_refused(scene: Scene, change: Callable[..., None]) -> None:
    changed = _root(scene, change)

    with pytest.raises(VerificationFailed) as refused:
        Mirror(scene.mirror_path, changed)

    assert refused.value.code == "bad-directory"
    Mirror(scene.mirror_path, _root(scene, lambda signed: None))


def test_bytes_that_are_no_root_are_no_pin(scene: Scene) -> None:
    for pin in (b"", b"{}", (scene.repository / "metadata" / "timestamp.json").read_bytes()):
        with pytest.raises(VerificationFailed):
            Mirror(scene.mirror_path, pin)


def _next_root(scene: Scene, *signers: Ed25519Signer, change: Callable[[Root], None] | None = None) -> None:
    """Write root version 2, in which the root key is another, signed by these."""
    root = Metadata[Root].from_bytes(scene.pin).signed
    old = root.roles["root"].keyids[0]
    root.version = 2
    root.add_key(tuf_key(Ed25519Signer(bytes(32)).public_key), "root")
    root.revoke_key(old, "root")
    if change is not None:
        change(root)
    metadata = Metadata(root)
    for signer in signers:
        signed = Metadata[Root].from_bytes(sign_metadata(root, signer))
        metadata.signatures.update(signed.signatures)
    (scene.repository / "metadata" / "2.root.json").write_bytes(metadata.to_bytes())


def test_a_new_root_is_signed_by_the_old_and_the_new_key(scene: Scene) -> None:
    old, new = scene.signer("root"), Ed25519Signer(bytes(32))

    for signers in ((new,), (old,), ()):
        _next_root(scene, *signers)
        scene.refused()
    _next_root(scene, old, new)

    assert scene.mirror.refresh(scene.source()) == scene.before
    assert scene.mirror.load() == scene.before


def test_a_new_root_in_which_a_key_counts_twice_is_refused(scene: Scene) -> None:
    old, new = scene.signer("root"), Ed25519Signer(bytes(32))

    def twice(root: Root) -> None:
        key = tuf_key(scene.signer("targets").public_key)
        root.keys["0" * 64] = SSlibKey("0" * 64, key.keytype, key.scheme, key.keyval)
        root.roles["targets"].keyids.append("0" * 64)

    _next_root(scene, old, new, change=twice)

    scene.refused()


# What the federation may not sign.


@pytest.mark.parametrize(
    "path",
    [
        "keys/police.nl.json",
        "keys/police.us.json",
        "members/../../police.us.json",
        "members/a/b.json",
        "/etc/passwd",
        "..",
        "members/.json",
        "policy/local.cedar",
    ],
)
def test_the_federation_signs_its_own_paths_alone(scene: Scene, path: str) -> None:
    targets = scene.newest("targets")
    targets.targets[path] = describe(path, b"content")
    scene.issue(targets=targets)

    with pytest.raises(VerificationFailed):
        scene.mirror.refresh(scene.source())
    assert scene.mirror.load() == scene.before


def test_a_document_stands_under_its_own_name(scene: Scene) -> None:
    targets = scene.newest("targets")
    data = NL.member().encode()
    targets.targets["members/police.ro.json"] = describe("members/police.ro.json", data)
    scene.add_target("members/police.ro.json", data)
    scene.issue(targets=targets)

    scene.refused()


@pytest.mark.parametrize("public", WEAK[::9], ids=bytes.hex)
def test_a_member_with_a_weak_directory_key_is_refused_at_load(scene: Scene, public: bytes) -> None:
    document = json.loads(NL.member().encode()) | {"directory_key": write_blob(public)}
    targets = scene.newest("targets")
    data = json.dumps(document).encode()
    targets.targets["members/police.nl.json"] = describe("members/police.nl.json", data)
    scene.add_target("members/police.nl.json", data)
    scene.issue(targets=targets)

    scene.refused()


def _delegated_role(targets: Targets, agency: str) -> DelegatedRole:
    return _roles(targets)[keys_role(agency)]


def _roles(targets: Targets) -> dict[str, DelegatedRole]:
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    return targets.delegations.roles


def _to_another_key(targets: Targets) -> None:
    key = tuf_key(Ed25519Signer(bytes(32)).public_key)
    targets.add_key(key, keys_role("police.nl"))


def _to_more_paths(targets: Targets) -> None:
    _delegated_role(targets, "police.nl").paths = ["keys/police.nl.json", "keys/police.ro.json"]


def _to_a_pattern(targets: Targets) -> None:
    _delegated_role(targets, "police.nl").paths = ["keys/*"]


def _on_threshold_two(targets: Targets) -> None:
    _delegated_role(targets, "police.nl").threshold = 2


def _to_nobody(targets: Targets) -> None:
    role = _delegated_role(targets, "police.nl")
    _roles(targets)["extra"] = DelegatedRole("extra", role.keyids, 1, True, ["keys/police.nl.json"])


def _not_at_all(targets: Targets) -> None:
    del _roles(targets)[keys_role("police.nl")]


@pytest.mark.parametrize(
    "change",
    [_to_another_key, _to_more_paths, _to_a_pattern, _on_threshold_two, _to_nobody, _not_at_all],
)
def test_a_members_role_is_delegated_to_its_own_key_and_path(
    scene: Scene, change: Callable[[Targets], None]
) -> None:
    targets = scene.newest("targets")
    change(targets)
    scene.issue(targets=targets)

    scene.refused()
