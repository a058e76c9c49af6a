"""Generates the Python classes and type stubs of the wire contract: `python proto/generate.py OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

_PROTO = Path(__file__).resolve().parent


def generate(out: Path) -> None:
    """Write `gateway/v1/*_pb2.py` and `*_pb2.pyi` for every .proto file under `out`.

    Raises:
        SystemExit: the compiler refuses a file; it has said why on standard error.
    """
    stubs = Path(sys.executable).parent / "protoc-gen-mypy"
    sources = sorted(str(path.relative_to(_PROTO)) for path in _PROTO.rglob("*.proto"))
    status = protoc.main(
        [
            "protoc",
            f"--proto_path={_PROTO}",
            f"--proto_path={Path(grpc_tools.__file__).parent / '_proto'}",
            f"--plugin=protoc-gen-mypy={stubs}",
            f"--python_out={out}",
            f"--mypy_out=quiet:{out}",
            *sources,
        ]
    )
    if status:
        raise SystemExit(f"the protocol compiler ended with status {status}")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else _PROTO.parent)
