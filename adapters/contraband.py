"""Media itself in a foreign document: found by name and by look, and refused, for its bytes never travel.

Hashes of abuse material are shared so that the material need not be. What brings a picture along, however
small, is turned down whole, and its bytes are copied into no reject file.

Source: `reference/formats.md` section 8 ("Media bytes never travel").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from adapters.document import Json
from gateway.errors import Malformed
from gateway.record.folding import squeeze

CODE: Final = "media-bytes"

# Folded names under which tools put a picture, or a small one, into the list.
_NAMES: Final = frozenset(
    {
        *("miniature", "thumbnail", "thumb", "preview", "image", "imagedata", "imagebytes", "data", "bytes"),
        *("content", "contentbytes", "filedata", "filebytes", "filecontent", "mediadata", "mediabytes"),
        *("mediacontent", "base64", "blob", "binary", "payload", "frame", "frames", "picture", "jpegdata"),
    }
)
# Members that hold words or hashes; only what looks like the beginning of a media counts there.
_WORDS: Final = frozenset(
    {
        *("series", "tags", "comments", "mimetype", "filename", "filepath", "name", "relativefilepath"),
        *("propertyname", "propertyvalue", "casenumber", "contactorganization"),
        *("seriesname", "mediatype"),
    }
)
_MOST_DIGITS: Final = 512
_LONGEST_NAME: Final = 64
_BASE64: Final = re.compile(rf"[A-Za-z0-9+/_-]{{{_MOST_DIGITS},}}={{0,2}}")
_LINE_ENDS: Final = re.compile(r"\s*[\r\n]\s*")
# A data address; JPEG, PNG, GIF, RIFF, TIFF, BMP and MP4 or QuickTime in base64; JPEG and PNG in hexadecimal.
_BEGINNING: Final = re.compile(
    r"\s*(?:data:[\w.+-]+/|(?:/9j/|iVBORw0KGgo|R0lGOD|UklGR|SUkqA|TU0AK)[A-Za-z0-9+/]{6}"
    r"|Qk[0-3][A-Za-z0-9+/]{61}|AAAA[A-Za-z0-9+/]{2,8}Z0eX|(?i:ffd8ff[0-9a-f]{16})|(?i:89504e470d0a1a0a))"
)
# Their length is checked where they are read; by chance one may begin as a picture does.
_HASHES: Final = frozenset({"photodna", "hashvalue", "md5", "sha1"})


def refuse_bytes(values: Mapping[str, Json], path: str) -> None:
    """Refuse an object that holds a media or a part of one.

    Raises:
        Malformed: code `media-bytes`; `field` names the member.
    """
    for name, value in values.items():
        if holds_bytes(name, value):
            raise Malformed(
                "holds media itself; hashes of abuse material travel, the material never does",
                field=f"{path}.{name}" if name.isprintable() and 0 < len(name) <= _LONGEST_NAME else path,
                code=CODE,
            )


def holds_bytes(name: str, value: Json) -> bool:
    """Tell whether a member, or anything within it, holds bytes of a media."""
    match value:
        case dict():
            unknown = [held for inner, held in value.items() if squeeze(inner) not in _WORDS]
            own = any(holds_bytes(inner, held) for inner, held in value.items())
            return own or _is_spelled_out(name, unknown)
        case list():
            return any(holds_bytes(name, one) for one in value) or _is_spelled_out(name, value)
        case str():
            return _is_bytes(squeeze(name), value)
        case _:
            return False


def _is_spelled_out(name: str, values: list[Json]) -> bool:
    """Tell whether values are bytes written out as numbers, or a text in many pieces."""
    numbers = sum(isinstance(one, int) and not isinstance(one, bool) for one in values)
    return numbers > _MOST_DIGITS or _is_bytes(squeeze(name), "".join(_texts(values)))


def _texts(values: list[Json]) -> Iterator[str]:
    return (one for one in values if isinstance(one, str))


def begins_as_media(text: str) -> bool:
    """Tell whether a text begins as a media written in base64 or hexadecimal, or as a data address."""
    return _BEGINNING.match(text) is not None


def _is_bytes(name: str, text: str) -> bool:
    if not text.strip():
        return False
    if name in _NAMES or (name not in _HASHES and begins_as_media(text)):
        return True
    return name not in _WORDS and _BASE64.fullmatch(_LINE_ENDS.sub("", text.strip())) is not None
