"""Writes the golden list of content fields: `python -m tests.vectors.make_content_fields` from the root.

What a field's category and ladder are is a promise to every other implementation: a change of this list is a
change of what leaves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.record.schema import KINDS

_HERE = Path(__file__).resolve().parent


def content_fields() -> list[dict[str, Any]]:
    """Return every content field in the order of kinds and numbers."""
    return [
        {
            "message": kind.descriptor.name,
            "kind": kind.name,
            "number": field.number,
            "name": field.name,
            "category": field.category,
            "ladder": list(field.ladder),
        }
        for kind in KINDS.values()
        for field in kind.fields.values()
    ]


def main() -> None:
    """Write `content_fields.json`."""
    rows = ",\n".join(" " + json.dumps(row) for row in content_fields())
    (_HERE / "content_fields.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
