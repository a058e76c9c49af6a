"""The project speaks of itself alone: no machine's paths, no registry's hosts, no tool that touched it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import ROOT, project_files

# An absolute path of one machine; a temporary folder of our own making may be named in an example.
_PATHS = re.compile(r"(?<![\w.~$}])/(?:work|root|home|opt|mnt|Users|tmp(?!/(?:comity|example)))/[A-Za-z.]")

# Written turned by thirteen letters, so that this file does not hold what it looks for.
_HOSTS = (
    "clcv.bet",
    "clgubaubfgrq.bet",
    "aczwf.",
    "qrovna.bet",
    "cebkl.tbynat.bet",
    "pengrf.vb",
    "ertvfgel.acz",
)
_WORDS = (
    r"pungtcg",
    r"pynhqr",
    r"naguebcvp",
    r"bcranv",
    r"pbcvybg",
    r"yyz",
    r"ynathntr zbqry",
    r"nv[- ](?:nffvfgnag|ntrag|trarengrq|zbqry|gbby)",
    r"(?:trarengrq|jevggra|znqr) (?:ol|jvgu) (?:na )?nv",
    r"pbqvat ntrag",
    r"fhontrag",
    r"fhontragf",
    r"cebzcg ratvarrevat",
    r"pb-nhguberq-ol",
    r"guvf frffvba",
    r"qrirybcref' frffvba",
)


def _plain(turned: str) -> str:
    return codecs.decode(turned, "rot13")


_HOST = re.compile("|".join(re.escape(_plain(host)) for host in _HOSTS), re.IGNORECASE)
_WORD = re.compile(r"\b(?:" + "|".join(_plain(word) for word in _WORDS) + r")\b", re.IGNORECASE)


def _texts() -> Iterator[tuple[Path, str]]:
    for path in project_files():
        data = path.read_bytes()
        if b"\x00" not in data:
            yield path, data.decode("utf-8", errors="replace")


def _hits(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path, text in _texts()
        for number, line in enumerate(text.splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


@pytest.mark.parametrize("pattern", [_PATHS, _HOST, _WORD], ids=["paths", "hosts", "words"])
def test_no_file_holds_a_stray_word(pattern: re.Pattern[str]) -> None:
    assert _hits(pattern) == []


def test_the_patterns_find_what_they_look_for_and_nothing_near_it() -> None:
    slash = "/"

    assert _PATHS.search(f"open('{slash}home{slash}ana/x')")
    assert _PATHS.search(f"{slash}tmp{slash}x")
    assert not _PATHS.search(f"{slash}tmp{slash}comity-demo")
    assert not _PATHS.search("docs/work/x, ~/home/x, $DIR/tmp/x")
    assert _HOST.search(_plain("uggcf://clcv.bet/fvzcyr"))
    assert _WORD.search(_plain("fnvq Pynhqr."))
    assert _WORD.search(_plain("NV-trarengrq"))
    assert not _WORD.search("an aid agent, a llama, Claudette, the country AI")
