"""The straight line in one process: push, decide, seal, admit, receipt; both sides durable.

Prints a table, and one JSON object with --json, beside the floors of this machine measured in the same run.
Usage: python benchmarks/pipeline.py [--records N] [--batch N] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.floors import cryptography_floors, disk_floors
from benchmarks.homes import found, sample_record
from gateway import app
from gateway.config import read_config
from gateway.flow.acknowledge import acknowledge
from gateway.flow.deliver import outgoing
from gateway.flow.gateway import Gateway
from gateway.flow.receive import admit
from gateway.flow.submit import Addressee, PushItem, push
from gateway.record.vocabulary import LegalBasis, Purpose

STAGES = ("push", "deliver", "admit", "acknowledge")


def run(sender: Gateway, receiver: Gateway, records: int, batch: int) -> dict[str, float]:
    """Carry records through both gateways; return seconds by stage, wire bytes and record bytes."""
    spent = dict.fromkeys(STAGES, 0.0)
    to = (
        Addressee(
            agency=receiver.me, purpose=Purpose.INVESTIGATION, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK
        ),
    )
    wire = size = 0
    for start in range(0, records, batch):
        count = min(batch, records - start)
        items = [PushItem(record=sample_record(start + n), addressees=to) for n in range(count)]
        size += sum(len(item.record) for item in items)
        clock = time.perf_counter()
        for answer in push(sender, items, app.system_clock()):
            if isinstance(answer, Exception):
                raise answer
        clock = _lap(spent, "push", clock)
        leaving = outgoing(sender, receiver.me, app.system_clock(), limit=batch).batch
        if leaving is None:
            raise RuntimeError("nothing left the sender")
        data = leaving.encode()
        wire += len(data)
        clock = _lap(spent, "deliver", clock)
        receipts = admit(receiver, data, sender.me, app.system_clock()).encode()
        clock = _lap(spent, "admit", clock)
        done = acknowledge(sender, receipts, receiver.me, app.system_clock())
        _lap(spent, "acknowledge", clock)
        if [one.outcome for one in done] != ["delivered"] * count:
            raise RuntimeError(f"not everything was delivered: {done[:3]}")
    return {**spent, "wire": wire, "size": size}


def _lap(spent: dict[str, float], stage: str, since: float) -> float:
    now = time.perf_counter()
    spent[stage] += now - since
    return now


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as folder, ExitStack() as stack:
        home = Path(folder)
        floors = {**cryptography_floors(), **disk_floors(home)}
        passphrase = found(home)
        sender, receiver = (
            stack.enter_context(app.open_gateway(read_config(home / agency), passphrase, app.system_clock()))
            for agency in ("police.nl", "police.ro")
        )
        run(sender, receiver, options.batch, options.batch)
        rounds = [run(sender, receiver, options.records, options.batch) for _ in range(options.rounds)]
    best = sorted(rounds, key=lambda one: sum(one[stage] for stage in STAGES))[len(rounds) // 2]
    total = sum(best[stage] for stage in STAGES)
    result = {
        "records_per_second": round(options.records / total),
        "us_per_record": {stage: round(best[stage] / options.records * 1e6, 1) for stage in STAGES},
        "wire_over_record_bytes": round(best["wire"] / best["size"], 2),
        "batch": options.batch,
        "records": options.records,
        "floors": {name: round(value, 1) for name, value in floors.items()},
    }
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['records_per_second']} records/s in one process, batches of {options.batch}")
    for stage, spent in best.items():
        if stage in STAGES:
            print(f"  {stage:12} {spent / options.records * 1e6:8.1f} us a record")
    print(f"  wire / record bytes: {result['wire_over_record_bytes']}")
    print("floors in the same run:")
    for name, value in floors.items():
        unit = "" if "rows/s" in name or "(us)" in name else " us"
        print(f"  {name:28} {value:10.1f}{unit}")


if __name__ == "__main__":
    main()
