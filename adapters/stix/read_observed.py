"""Observables read: accounts, online contents and files, each with the observation it stands in."""

from __future__ import annotations

import re
from typing import Any, Final

from adapters.loss import Effect
from adapters.stix.observed import (
    ACCOUNT,
    ARTEFACT,
    LARGEST,
    LENGTHS,
    ONLINE_CONTENT,
    TEXT,
)
from adapters.stix.reading import Reading, joined, labels_of
from adapters.stix.thing import Thing
from adapters.stix.vocabulary import ACCOUNTS, ARTEFACTS, ONLINE
from adapters.values import HASH_NAMES
from gateway.v1 import record_pb2 as pb

ACCOUNT_TYPES: Final = frozenset({"user-account", "email-addr", "ipv4-addr", "ipv6-addr"})
OBSERVABLES: Final = frozenset({*ACCOUNT_TYPES, "url", "file"})
_MARKS: Final = {ACCOUNT: 1, ONLINE_CONTENT: 2, ARTEFACT: 3}
_KINDS: Final = {1: ACCOUNTS.numbers, 2: ONLINE.numbers, 3: ARTEFACTS.numbers}
_ALGORITHMS: Final = {re.sub(r"[^A-Z0-9]", "", name): number for number, name in HASH_NAMES.items()}
_FUZZY: Final = frozenset({pb.HASH_ALGORITHM_SSDEEP, pb.HASH_ALGORITHM_TLSH})


def read_observed(reading: Reading, thing: Thing) -> None:
    """Read what was observed together: an online content with what it shows, or each for itself."""
    seen = [reading.things[one] for one in thing.references("object_refs") if one in reading.things]
    seen = [one for one in seen if one.type in OBSERVABLES]
    mark, words = _labels(thing)
    instant = _instant(thing)
    pages = [one for one in seen if one.type == "url"]
    if pages:
        _read_page(reading, thing, seen, instant)
        if words is not None:
            _entity(reading, thing.id).content.kind = words
    elif len(seen) == 1:
        entity = _read_one(reading, thing, seen[0], instant)
        if words is not None and mark == 1 and seen[0].type in ACCOUNT_TYPES:
            entity.identity.kind = words
        elif words is not None and mark == 3 and seen[0].type == "file":
            entity.metadata.kind = words
    else:
        for one in seen:
            read_alone(reading, one, instant)


def read_alone(reading: Reading, thing: Thing, instant: pb.Moment | None = None) -> None:
    """Read an observable that stands for itself; one that was read already stays as it is."""
    if thing.id in reading.entities:
        return
    if thing.type == "url":
        _read_page(reading, thing, [thing], instant)
    else:
        _read_one(reading, thing, thing, instant)


def _labels(thing: Thing) -> tuple[int, int | None]:
    """Return what an observation of ours says it is, and of which kind."""
    labels = thing.values.get("labels")
    first = labels[0] if isinstance(labels, list) and labels else None
    mark = _MARKS.get(first, 0) if isinstance(first, str) else 0
    if not mark:
        labels_of(thing)
        return 0, None
    _, kind = labels_of(thing, {str(first): mark}, _KINDS[mark])
    return mark, kind


def _instant(thing: Thing) -> pb.Moment | None:
    first, last = thing.instant("first_observed"), thing.instant("last_observed")
    if last is not None and (first is None or first.at != last.at):
        thing.lose("last_observed", Effect.GENERALISED, "a record tells when something was first seen")
    number = thing.number("number_observed")
    if number is not None and number != 1:
        thing.lose("number_observed", Effect.DROPPED, "a record does not tell how often something was seen")
    return first


def _read_one(reading: Reading, holder: Thing, thing: Thing, instant: pb.Moment | None) -> Any:
    if thing.type in ACCOUNT_TYPES:
        account = reading.add("account", holder, thing)
        read_account(thing, account.identity)
        if instant is not None:
            account.identity.seen.CopyFrom(instant)
        return account
    artefact = reading.add("artefact", holder, thing)
    _read_file(thing, artefact)
    if instant is not None:
        holder.lose("first_observed", Effect.DROPPED, "a record does not tell when a file was seen")
    return artefact


def _read_page(reading: Reading, holder: Thing, seen: list[Thing], instant: pb.Moment | None) -> None:
    pages = [one for one in seen if one.type == "url"]
    content = reading.add("online-content", holder, *pages)
    address = pages[0].text("value")
    if address:
        content.content.url = address
    if instant is not None:
        content.content.captured.CopyFrom(instant)
    for one in seen:
        reading.known.setdefault(one.id, holder.id)
        reading.consumed.add(one.id)
        if one.type in ACCOUNT_TYPES:
            read_account(one, content.accounts.add())
        elif one.type == "file":
            _read_shown(one, content)
    others = [text for page in pages[1:] if (text := page.text("value")) and text != address]
    if others:
        holder.lose("object_refs", Effect.KEPT_AS_EXTENSION, "one address is told, others are in the text")
        content.text = joined(holder, "object_refs", others)


def read_account(thing: Thing, identity: pb.AccountIdentity) -> None:
    """Read an account, address or handle."""
    if thing.type != "user-account":
        identity.kind = pb.ACCOUNT_KIND_EMAIL if thing.type == "email-addr" else pb.ACCOUNT_KIND_IP
        value = thing.text("value")
    else:
        login = thing.text("account_login")
        value = thing.text("user_id") or login
        if login and login != value:
            identity.display_name = login
            thing.lose("account_login", Effect.GENERALISED, "is read as the name that the account shows")
        type_ = thing.text("account_type")
        kind = ACCOUNTS.numbers.get(type_)
        if kind is not None:
            identity.kind = pb.AccountKind.ValueType(kind)
        elif type_:
            identity.provider = type_
    if value:
        identity.value = value
    shown = thing.text("display_name")
    if shown:
        identity.display_name = shown


def _read_shown(file: Thing, content: pb.OnlineContent) -> None:
    """Read a file beside an address: the digest of its text, or an image in it."""
    hashes = _hashes(file)
    first = hashes[0] if len(hashes) == 1 else pb.Hash()
    is_text = file.text("mime_type") == TEXT and first.algorithm == pb.HASH_ALGORITHM_SHA256
    if is_text and not content.content.text_digest:
        content.content.text_digest = first.value
        return
    content.image_hashes.extend(hashes)
    if file.values.get("mime_type"):
        file.lose("mime_type", Effect.DROPPED, "what an online content shows has hashes alone")


def _read_file(file: Thing, artefact: pb.DigitalArtefact) -> None:
    artefact.hashes.extend(_hashes(file))
    metadata = artefact.metadata
    for name, own in (("name", "file_name"), ("mime_type", "media_type")):
        text = file.text(name)
        if text:
            setattr(metadata, own, text)
    size = file.count("size", most=LARGEST)
    if size is not None:
        metadata.size_bytes = size
    created = file.instant("ctime")
    if created is not None:
        metadata.created.CopyFrom(created)
    if not metadata.ListFields():
        artefact.ClearField("metadata")


def _hashes(file: Thing) -> list[pb.Hash]:
    found = []
    held = file.object("hashes")
    inner = Thing(id="", type="", path=f"{file.path}.hashes", values=held, losses=file.losses)
    for name in held:
        algorithm = _ALGORITHMS.get(re.sub(r"[^A-Z0-9]", "", name.upper()))
        text = inner.text(name)
        value = None if algorithm is None or not text else _digest(algorithm, text)
        if algorithm is None or value is None:
            inner.lose(name[:64], Effect.DROPPED, "is no hash of an algorithm that a record knows")
            continue
        found.append(pb.Hash(algorithm=pb.HashAlgorithm.ValueType(algorithm), value=value))
    return found


def _digest(algorithm: int, text: str) -> bytes | None:
    if algorithm in _FUZZY:
        return text.encode()
    try:
        value = bytes.fromhex(text)
    except ValueError:
        return None
    return value if value and len(value) == LENGTHS.get(algorithm, len(value)) else None


def _entity(reading: Reading, id_: str) -> Any:
    return reading.entities[id_][1]
