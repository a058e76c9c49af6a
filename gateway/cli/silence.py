"""Silences the transport's own log, which it sets up as it is imported: so this module is imported first.

What it has to say of a failed handshake or a taken port is said in our own words, or in our own log.
`GRPC_VERBOSITY=ERROR` in the environment brings it back.
"""

from __future__ import annotations

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
