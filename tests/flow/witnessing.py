"""What members that witness each other do, as the gateway's own worker does it between them."""

from __future__ import annotations

from gateway.flow.cosign import cosign_for
from gateway.flow.deliver import growth
from gateway.flow.notary import Signed
from gateway.flow.witnessed import keep_cosigned, note_seen, verified_line
from gateway.ledger.entry import Draft, EntryKind
from gateway.sealing.batch import Consistency
from gateway.store.unit import Unit
from tests.flow.federation import NL, RO, Homes


def signed(homes: Homes, agency: str = NL) -> Signed:
    """Return the newest head of a gateway that may sign."""
    homes[agency].notary.vouched()
    return homes[agency].notary.sign_head()


def grow(homes: Homes, agency: str = NL, count: int = 1) -> int:
    """Let a ledger grow by entries of no meaning; return its size."""
    filler = Draft(kind=EntryKind.FILLER)
    homes[agency].store.writer.commit([Unit(drafts=(filler,)) for _ in range(count)])
    return homes[agency].read.head().size


def proof(homes: Homes, old: int, new: int, agency: str = NL) -> Consistency:
    """Return the proof that a ledger grew from one size to another, or stayed."""
    hashes = homes[agency].read.consistency_proof(old, new) if old < new else ()
    return Consistency(from_size=old, hashes=tuple(hashes))


def asked(homes: Homes, head: Signed, grown: Consistency | None, witness: str = RO) -> list[str]:
    """Return what a witness answers to a head of police.nl."""
    return cosign_for(homes[witness], NL, head.note.encode(), grown, homes.now)


def lines_of(homes: Homes, *witnesses: str) -> tuple[Signed, dict[str, str]]:
    """Return the newest head of police.nl, shown to witnesses, with the verified line of each."""
    head = signed(homes)
    lines = {}
    for witness in witnesses:
        answer = asked(homes, head, growth(homes[NL], witness, head.checkpoint.size), witness)
        lines[witness] = verified_line(homes[NL], witness, head, answer)
        note_seen(homes[NL], witness, head.checkpoint.size)
    return head, lines


def cosigned(homes: Homes, *witnesses: str) -> Signed:
    """Let witnesses cosign the newest head of police.nl and keep it; return the head."""
    head, lines = lines_of(homes, *witnesses)
    assert keep_cosigned(homes[NL], head, lines)
    return head
