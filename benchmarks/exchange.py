"""Agency client, gateway A, gateway B as three processes: exchanged records a second, latency, memory.

Exchanged is: submitted over mTLS, durable at A, delivered, verified and durable at B, its receipt verified
and durable at A. Beside it, in the same run and interleaved with it: a raw echo over mTLS (R1), and fsync.
Usage: python benchmarks/exchange.py [--records N] [--rounds N] [--rate N] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.echo import measure, serving
from benchmarks.floors import disk_floors
from benchmarks.gateways import Served, found_served, free_address
from benchmarks.homes import sample_record
from gateway.client import Gateway, Push, To
from gateway.tls.authority import GATEWAY_LIFE
from gateway.tls.identity import Identity, Role

TO = (To(agency="police.ro", purpose="investigation", basis="law-enforcement-task"),)


def exchanged(client: Gateway, sender: Served, start: int, records: int, batch: int) -> tuple[float, float]:
    """Push records as fast as they are taken; return (acknowledged, exchanged) records a second."""
    pushes = [Push(record=sample_record(start + n), to=TO) for n in range(records)]
    before = sender.delivered()
    started = time.perf_counter()
    count = sum(answer.problem is None for answer in client.push(pushes, batch=batch))
    acknowledged = time.perf_counter() - started
    if count != records:
        raise RuntimeError(f"only {count} of {records} were taken")
    while sender.delivered() < before + records:
        time.sleep(0.02)
    return records / acknowledged, records / (time.perf_counter() - started)


def latencies(client: Gateway, start: int, records: int, rate: float) -> list[float]:
    """Push one record a message at a rate; return each one's time to its answer, in ms, sorted."""
    began: dict[str, float] = {}

    def paced() -> Iterator[Push]:
        first = time.perf_counter()
        for n in range(records):
            push = Push(record=sample_record(start + n), to=TO)
            due = first + n / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            # A late start counts: whoever waits for its turn waits for the gateway.
            began[push.key] = due
            yield push

    took = [(time.perf_counter() - began[answer.key]) * 1000 for answer in client.push(paced(), batch=1)]
    return sorted(took)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = run(options)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that was measured."""
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as folder, ExitStack() as stack:
        place = Path(folder)
        floors = disk_floors(place)
        sender, receiver = (stack.enter_context(one) for one in found_served(place))
        own = sender.authority.credential(
            Identity(agency=sender.agency, role=Role.GATEWAY), sender.now(), GATEWAY_LIFE
        )
        (place / "echo.pem").write_bytes(own.encode())
        address = free_address()
        stack.enter_context(serving(address, place / "echo.pem"))
        client = stack.enter_context(Gateway(sender.local, sender.identity))
        exchanged(client, sender, 0, 200, options.batch)
        echo, acks, rates = [], [], []
        for number in range(options.rounds):
            echo.append(measure(address, own, 4 * options.records))
            taken, whole = exchanged(client, sender, 1_000_000 * (number + 1), options.records, options.batch)
            acks.append(taken)
            rates.append(whole)
        quiet = latencies(client, 90_000_000, int(options.rate * 5), options.rate)
        memory = {"A": sender.peak_mib(), "B": receiver.peak_mib()}
    return {
        "exchanged_per_second": round(statistics.median(rates)),
        "acknowledged_per_second": round(statistics.median(acks)),
        "r1_echo_per_second": round(statistics.median(echo)),
        "ratio_to_r1": round(statistics.median(a / b for a, b in zip(rates, echo, strict=True)), 4),
        "rounds": [round(rate) for rate in rates],
        "ack_ms_at_rate": {
            "rate": options.rate,
            "p50": round(quiet[len(quiet) // 2], 2),
            "p99": round(quiet[int(len(quiet) * 0.99)], 2),
        },
        "peak_mib": memory,
        "records": options.records,
        "floors": {name: round(value, 1) for name, value in floors.items()},
    }


def show(result: dict[str, Any]) -> None:
    """Print the table."""
    at = result["ack_ms_at_rate"]
    rows = [
        ("exchanged records/s", result["exchanged_per_second"]),
        ("acknowledged records/s", result["acknowledged_per_second"]),
        ("raw mTLS echo (R1) messages/s", result["r1_echo_per_second"]),
        ("exchanged / R1", f"{result['ratio_to_r1']:.4f}"),
        (f"acknowledgement p50 at {at['rate']:.0f}/s", f"{at['p50']} ms"),
        (f"acknowledgement p99 at {at['rate']:.0f}/s", f"{at['p99']} ms"),
        ("peak memory A, B", f"{result['peak_mib']['A']:.0f}, {result['peak_mib']['B']:.0f} MiB"),
    ]
    for name, value in [*rows, *result["floors"].items()]:
        print(f"  {name:34} {value}")


if __name__ == "__main__":
    main()
