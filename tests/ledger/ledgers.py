"""Two small ledgers that exchange one record: deterministic keys, blinds and times."""

from __future__ import annotations

from functools import partial

from gateway.ledger.checkpoint import Checkpoint, ledger_origin, sign_checkpoint
from gateway.ledger.commitment import CommitmentType, commit, salt
from gateway.ledger.entry import Direction, Draft, EntryKind, encode, receipt_digest, travels
from gateway.ledger.export import Opening, ReceiptRow, build_export
from gateway.ledger.note import SignatureType, VKey, sign_note
from gateway.ledger.proof import build_proof
from gateway.ledger.tree import Frontier, inclusion_proof, leaf_hash
from gateway.ledger.trust import Trust, TrustedLog
from keys.ed25519 import Ed25519Signer

OPENED_AT = 1_790_000_000
K = b"\x11" * 32
STATEMENT, DECISION, BODY = b"signed statement", b"decision bytes", b"release bytes"
EXCHANGE, HELD_EXCHANGE, MESSAGE = (
    f"01990000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3)
)  # fmt: skip
ENVELOPE, POLICY, DIRECTORY = b"\xe1" * 32, b"\xb0" * 32, b"\xd1" * 32


class Book:
    """One agency's ledger in memory."""

    def __init__(self, agency: str, seed: int) -> None:
        self.agency = agency
        self.origin = ledger_origin(agency, 1)
        self.signer = Ed25519Signer(bytes([seed]) * 32)
        self.vkey = VKey(name=self.origin, type=SignatureType.ED25519, key=self.signer.public_key)
        self.entries: list[bytes] = []
        self.frontier = Frontier()
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.pairs: dict[tuple[str | None, Direction | None], int] = {}
        self.append(Draft(kind=EntryKind.OPENED, origin=self.origin, vkeys=(self.vkey.encode(),)))

    def append(self, draft: Draft, *, at: int | None = None, pair_seq: int | None = None) -> int:
        """Append an entry; return its index. `at` and `pair_seq` overrule what is due."""
        index = len(self.entries)
        if travels(draft.kind) and pair_seq is None:
            pair_seq = self.pairs.get((draft.peer, draft.direction), 0) + 1
        if pair_seq is not None:
            self.pairs[draft.peer, draft.direction] = pair_seq
        time = OPENED_AT + index if at is None else at
        self.add(encode(draft, at=time, pair_seq=pair_seq, blind=index.to_bytes(16, "big")))
        return index

    def add(self, entry: bytes) -> None:
        """Append any bytes as an entry."""
        self.entries.append(entry)
        self.frontier, nodes = self.frontier.append([leaf_hash(entry)])
        self.nodes.update({(level, position): value for level, position, value in nodes})

    def node(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]

    @property
    def head(self) -> Checkpoint:
        return Checkpoint(origin=self.origin, size=self.frontier.size, root=self.frontier.root())

    @property
    def note(self) -> str:
        return sign_checkpoint(self.head, self.vkey, self.signer.sign)

    def proof(self, index: int) -> str:
        return build_proof(index, inclusion_proof(index, self.frontier.size, self.node)) + self.note

    def export(
        self, receipts: list[ReceiptRow], vkeys: list[VKey], openings: list[Opening] | None = None
    ) -> dict[str, bytes]:
        return build_export(
            origin=self.origin,
            size=self.frontier.size,
            entries=self.entries,
            node=self.node,
            checkpoint_note=self.note,
            receipts=receipts,
            vkeys=vkeys,
            sign=partial(sign_note, vkey=self.vkey, sign=self.signer.sign),
            openings=openings,
        )


def sealed(
    kind: EntryKind, peer: str, *, envelope: bytes = ENVELOPE, head: Checkpoint | None = None
) -> Draft:
    """Return the draft of a travelling entry for the one exchange."""
    outward = kind in (EntryKind.RELEASED, EntryKind.SENT)
    final = kind in (EntryKind.REFUSED, EntryKind.QUARANTINED)
    return Draft(
        kind=kind,
        exchange=EXCHANGE,
        message=MESSAGE,
        peer=peer,
        direction=Direction.OUT if outward else Direction.IN,
        envelope=envelope,
        commit=commit(b"\x05" * 32, CommitmentType.PAYLOAD, BODY) if outward else None,
        code="expired" if final else None,
        peer_head=head,
    )


def decided(outcome: str = "release", duties: tuple[str, ...] = (), exchange: str = EXCHANGE) -> Draft:
    """Return the draft of a decision for police.ro."""
    commitment = commit(salt(K, CommitmentType.DECISION), CommitmentType.DECISION, DECISION)
    return Draft(
        kind=EntryKind.DECIDED,
        exchange=exchange,
        peer="police.ro",
        policy=POLICY,
        outcome=outcome,
        rules=("BL-01", "VP-01"),
        duties=duties,
        commits=((CommitmentType.DECISION, commitment),),
        directory=DIRECTORY,
    )


class Pair:
    """police.nl releases one record to police.ro, gets the receipt, and holds another."""

    def __init__(self) -> None:
        self.nl, self.ro = Book("police.nl", 1), Book("police.ro", 2)
        nl = self.nl
        nl.append(Draft(kind=EntryKind.PEER_ADMITTED, peer="police.ro", directory=DIRECTORY))
        statement = commit(b"\x07" * 32, CommitmentType.STATEMENT, STATEMENT)
        nl.append(Draft(kind=EntryKind.SUBMITTED, commit=statement))
        nl.append(decided())
        self.released = nl.append(sealed(EntryKind.RELEASED, "police.ro"))
        self.receipt = self.acknowledge()
        decision = nl.append(decided("hold", ("VPO:1",), HELD_EXCHANGE))
        nl.append(
            Draft(
                kind=EntryKind.HELD,
                exchange=HELD_EXCHANGE,
                peer="police.ro",
                duties=("VPO:1",),
                about=decision,
            )
        )
        actor = commit(salt(K, CommitmentType.ACTOR), CommitmentType.ACTOR, b"who")
        nl.append(Draft(kind=EntryKind.READ, commits=((CommitmentType.ACTOR, actor),)))
        nl.append(Draft(kind=EntryKind.REFUSED_SUMMARY, peer="police.ro", codes=(("proof-invalid", 3),)))

    def acknowledge(self) -> ReceiptRow:
        """Let police.ro receive the envelope just released, and police.nl note the receipt."""
        index = self.ro.append(sealed(EntryKind.RECEIVED, "police.nl", head=self.nl.head))
        entry = self.ro.entries[index]
        self.nl.append(
            Draft(
                kind=EntryKind.DELIVERED,
                exchange=EXCHANGE,
                message=MESSAGE,
                peer="police.ro",
                about=self.released,
                peer_receipt=receipt_digest(entry),
                peer_head=self.ro.head,
            )
        )
        return ReceiptRow(exchange=EXCHANGE, message=MESSAGE, entry=entry, proof=self.ro.proof(index))

    @property
    def vkeys(self) -> list[VKey]:
        return [self.nl.vkey, self.ro.vkey]

    @property
    def trust(self) -> Trust:
        return Trust(logs={vkey.name: (TrustedLog(vkey=vkey),) for vkey in self.vkeys})

    def export(self, openings: list[Opening] | None = None) -> dict[str, bytes]:
        """Return police.nl's export."""
        return self.nl.export([self.receipt], self.vkeys, openings)


OPENINGS = [
    Opening(index=2, type=CommitmentType.STATEMENT, salt=b"\x07" * 32, content=STATEMENT),
    Opening(
        index=3,
        type=CommitmentType.DECISION,
        salt=salt(K, CommitmentType.DECISION),
        content=DECISION,
    ),
]
