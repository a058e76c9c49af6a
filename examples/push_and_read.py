"""Push a record, say what became of it and watch until it is delivered; then read it where it arrived.

python examples/push_and_read.py CASE.json police.ro HOST:PORT IDENTITY.pem [HOST:PORT IDENTITY.pem]
"""

import sys
from pathlib import Path

from gateway.client import Gateway, Push, To


def push(file: str, agency: str, address: str, identity: str) -> None:
    to = To(agency=agency, purpose="investigation", basis="law-enforcement-task")
    # A key that this system finds again: pushed once more it is answered the same, and nothing happens twice.
    wanted = Push(record=Path(file).read_text("utf-8"), to=[to], key=f"example {Path(file).name}")
    with Gateway(address, identity) as gateway:
        answer = gateway.push_one(wanted)
        if answer.problem:
            sys.exit(f"refused: {answer.problem}")
        for one in answer.exchanges:
            print(f"{one.recipient}: {one.outcome} {' '.join(one.approvals)}".rstrip())
            for rule, why in one.reasons:
                print(f"  {why} ({rule})")
            for seen in gateway.watch(one.exchange_id) if one.outcome == "release" else ():
                print(f"{seen.peer}: {seen.state}")


def read(address: str, identity: str) -> None:
    with Gateway(address, identity) as gateway:
        for arrived in gateway.inbox("investigation"):
            print(f"from {arrived.sender}, until {arrived.use_until}: {', '.join(arrived.obligations)}")
            print(arrived.record or f"not to be read any more: {arrived.absent}")
            gateway.acknowledge(arrived)  # only once it is safe on this side


if __name__ == "__main__":
    push(*sys.argv[1:5])
    if sys.argv[5:]:
        read(*sys.argv[5:7])
