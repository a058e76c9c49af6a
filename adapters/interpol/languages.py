"""Languages as notices write them: the bibliographic codes of ISO 639-2, such as `GER` and `FRE`.

Records say `de`, the two letters of ISO 639-1, or `deu`, the terminological code; of twenty languages the
bibliographic code is another one.

Source: ISO 639-1 and ISO 639-2 (Library of Congress code list).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# ISO 639-1, and the bibliographic code of ISO 639-2.
_BIBLIOGRAPHIC: Final = (
    "aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel "
    "bg:bul bi:bis bm:bam bn:ben bo:tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:cze cu:chu "
    "cv:chv cy:wel da:dan de:ger dv:div dz:dzo ee:ewe el:gre en:eng eo:epo es:spa et:est eu:baq fa:per "
    "ff:ful fi:fin fj:fij fo:fao fr:fre fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb "
    "hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:arm hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido "
    "is:ice it:ita iu:iku ja:jpn jv:jav ka:geo kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor "
    "kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub "
    "lv:lav mg:mlg mh:mah mi:mao mk:mac ml:mal mn:mon mr:mar ms:may mt:mlt my:bur na:nau nb:nob nd:nde "
    "ne:nep ng:ndo nl:dut nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan "
    "pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:rum ru:rus rw:kin sa:san sc:srd sd:snd se:sme "
    "sg:sag si:sin sk:slo sl:slv sm:smo sn:sna so:som sq:alb sr:srp ss:ssw st:sot su:sun sv:swe sw:swa "
    "ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah "
    "ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:chi "
    "zu:zul"
)
TERMINOLOGICAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{"alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces", "dut": "nld"},
        **{"fre": "fra", "geo": "kat", "ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "mao": "mri"},
        **{"may": "msa", "per": "fas", "rum": "ron", "slo": "slk", "tib": "bod", "wel": "cym"},
    }
)
"""The terminological code of each bibliographic one that differs from it."""

_CODE: Final = re.compile("[a-z]{2,3}")
_WRITTEN: Final = dict(pair.split(":") for pair in _BIBLIOGRAPHIC.split())
_READ: Final = {
    spelled: two for two, code in _WRITTEN.items() for spelled in (code, TERMINOLOGICAL.get(code, code))
}


def read_language(word: str) -> str | None:
    """Return the code of a language as a record has it: two letters where the language has them, else three.

    A code that is not in the table stands for itself; None for what is no code.
    """
    code = word.strip().lower()
    if not (code.isascii() and _CODE.fullmatch(code)):
        return None
    return _READ.get(code, code)


def write_language(tag: str) -> str:
    """Return the bibliographic code of a language, without what a tag says of script or country; nothing for
    two letters that no language has.
    """
    code = read_language(tag.partition("-")[0]) or ""
    known = _WRITTEN.get(code, code)
    return known.upper() if len(known) == 3 else ""
