"""Wording that blames, judges or exposes those who were exploited, each with what to write instead.

A term is written folded, without diacritics. `*` stands for any ending of a word, and a space for whatever
stands between two words. Words of the law and plain facts (`prostitution`, `exploited`, `rape`) are none.

Source: rule VP-20; WHO ethical and safety recommendations for interviewing trafficked women, 2003.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PERSON = "person exploited in prostitution"
_CHILD = "child who was sexually exploited"
_NO_CONSENT = "say what was done to the person, and by what means"
_NO_CHOICE = "say what the person was offered, told or made to do"
_PAPERS = "person without residence papers"
_NO_JUDGEMENT = "leave the judgement out"
_NO_DETAIL = "name the offence without the detail"
_REPORTED = "the person reports that"

_ENGLISH = {
    **dict.fromkeys(
        ("prostitute", "prostitutes", "hooker*", "call girl*", "streetwalker*", "sex worker*"), _PERSON
    ),
    **dict.fromkeys(("whore*", "slut*", "slutty", "tart", "tramp", "harlot*"), _PERSON),
    **dict.fromkeys(
        ("child prostitut*", "teen* prostitut*", "underage prostitut*", "juvenile prostitut*"), _CHILD
    ),
    **dict.fromkeys(
        ("child sex worker*", "underage sex worker*", "lolita*", "jailbait", "kiddie porn*"), _CHILD
    ),
    **dict.fromkeys(("child porn*", "kiddy porn*"), "child sexual abuse material"),
    **dict.fromkeys(("promiscu*", "loose morals", "easy girl", "immoral", "of easy virtue"), _NO_JUDGEMENT),
    **dict.fromkeys(
        ("seduct*", "seduced", "provocative*", "dressed provocatively", "asked for it"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(
        ("asking for it", "had it coming", "her own fault", "his own fault", "their own fault"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(
        ("brought it on", "should have known", "should have left", "could have left"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(("failed to escape", "did not try to escape", "made no attempt to"), _NO_JUDGEMENT),
    **dict.fromkeys(
        ("chose to", "chose this", "willing", "willingly", "voluntarily", "of her own free will"), _NO_CHOICE
    ),
    **dict.fromkeys(
        ("of his own free will", "of their own free will", "freely agreed", "knew what she"), _NO_CHOICE
    ),
    **dict.fromkeys(
        ("knew what he was getting into", "lifestyle choice", "sold herself", "sold himself"), _NO_CHOICE
    ),
    **dict.fromkeys(
        ("selling herself", "selling himself", "selling her body", "sells her body"), _NO_CONSENT
    ),
    **dict.fromkeys(
        ("consented to", "consensual*", "agreed to be sold", "allowed herself", "let herself"), _NO_CONSENT
    ),
    **dict.fromkeys(("had sex with the victim", "sex with a minor", "sex with a child"), _NO_CONSENT),
    **dict.fromkeys(("illegal migrant*", "illegal immigrant*", "illegal alien*", "illegals"), _PAPERS),
    **dict.fromkeys(
        ("allege* victim", "so called victim*", "claims to be a victim", "alleged to have been raped"),
        _REPORTED,
    ),
    **dict.fromkeys(
        ("liar", "lying about", "made up her story", "made up his story", "changed her story"), _REPORTED
    ),
    **dict.fromkeys(
        ("uncooperative", "refuses to cooperate", "hostile victim", "unreliable victim"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(
        ("hysterical", "attention seek*", "drug addict", "junkie*", "damaged goods"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(
        ("blowjob*", "blow job*", "cum shot*", "gang bang*", "gangbang*", "deep throat*"), _NO_DETAIL
    ),
    **dict.fromkeys(
        ("fuck*", "cunt*", "pussy", "cock", "tits", "anal sex", "sodomised", "sodomized"), _NO_DETAIL
    ),
}
_DUTCH = {
    **dict.fromkeys(
        ("prostituee*", "hoer*", "hoeren", "slet*", "lichte zeden", "sekswerker*", "sekswerkster*"), _PERSON
    ),
    **dict.fromkeys(("kinderprostitu*", "minderjarige prostitu*", "kinderporno*"), _CHILD),
    **dict.fromkeys(
        ("promiscu*", "eigen schuld", "uitdagend gekleed", "vroeg erom", "verleidelijk"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(("koos ervoor", "vrijwillig", "uit vrije wil", "zelf voor gekozen"), _NO_CHOICE),
    **dict.fromkeys(
        ("stemde in met", "stemde toe", "verkocht zichzelf", "verkocht haar lichaam"), _NO_CONSENT
    ),
    **dict.fromkeys(
        ("illegale migrant*", "illegale vreemdeling*", "illegalen", "illegaal in nederland"), _PAPERS
    ),
    **dict.fromkeys(("neuken", "geneukt", "pijpen", "gepijpt"), _NO_DETAIL),
}
_GERMAN = {
    **dict.fromkeys(
        ("prostituierte*", "hure*", "nutte*", "schlampe*", "dirne*", "freudenmadchen", "strichmadchen"),
        _PERSON,
    ),
    **dict.fromkeys(("kinderprostitu*", "minderjahrige prostitu*", "kinderporno*"), _CHILD),
    **dict.fromkeys(
        ("promisk*", "selbst schuld", "aufreizend*", "leichtes madchen", "mitschuld"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(("freiwillig", "aus freien stucken", "entschied sich fur die prostitution"), _NO_CHOICE),
    **dict.fromkeys(
        ("willigte ein", "einvernehmlich*", "verkaufte sich", "verkaufte ihren korper"), _NO_CONSENT
    ),
    **dict.fromkeys(
        ("illegale migrant*", "illegale einwander*", "illegale auslander*", "illegaler migrant*"), _PAPERS
    ),
    **dict.fromkeys(("angebliche* opfer", "gefickt", "ficken", "blasen lassen"), _NO_DETAIL),
}
_FRENCH = {
    **dict.fromkeys(
        ("prostituee", "prostituees", "putain*", "pute", "putes", "salope*", "fille de joie", "racoleuse*"),
        _PERSON,
    ),
    **dict.fromkeys(
        ("enfant prostitue*", "prostituee mineure*", "pornographie enfantine", "pedopornograph*"), _CHILD
    ),
    **dict.fromkeys(
        ("aguich*", "moeurs legeres", "fille facile", "l a cherche", "sa propre faute"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(("a choisi de", "volontairement", "de son plein gre", "librement consenti"), _NO_CHOICE),
    **dict.fromkeys(("a consenti a", "consentante*", "s est vendue", "vendait son corps"), _NO_CONSENT),
    **dict.fromkeys(
        ("migrant* illega*", "immigre* illega*", "immigre* clandestin*", "un clandestin"),
        _PAPERS,
    ),
    **dict.fromkeys(("pretendue victime", "soi disant victime"), _REPORTED),
}
_SPANISH = {
    **dict.fromkeys(
        ("prostituta", "prostitutas", "puta", "putas", "ramera*", "zorra", "mujer de la calle"), _PERSON
    ),
    **dict.fromkeys(
        ("prostituta infantil", "prostituta menor", "pornografia infantil", "nina prostituta"), _CHILD
    ),
    **dict.fromkeys(
        ("promiscu*", "provocativa*", "vida alegre", "se lo busco", "mujer facil"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(
        ("eligio", "voluntariamente", "por su propia voluntad", "de forma voluntaria"), _NO_CHOICE
    ),
    **dict.fromkeys(
        ("consintio en", "consintio a", "se vendia", "vendia su cuerpo", "consentida"), _NO_CONSENT
    ),
    **dict.fromkeys(("inmigrante* ilegal*", "migrante* ilegal*", "los ilegales", "las ilegales"), _PAPERS),
    **dict.fromkeys(("supuesta victima", "presunta prostituta"), _REPORTED),
}
_ROMANIAN = {
    **dict.fromkeys(
        (
            "prostituata",
            "prostituate",
            "prostituatele",
            "prostituatei",
            "curva",
            "curvele",
            "tarfa*",
            "tarfe*",
        ),
        _PERSON,
    ),
    **dict.fromkeys(
        ("prostituata minora", "prostituate minore", "pornografie infantila", "copil prostituat"), _CHILD
    ),
    **dict.fromkeys(
        ("promiscu*", "usuratica", "moravuri usoare", "provocator*", "din vina ei"), _NO_JUDGEMENT
    ),
    **dict.fromkeys(
        ("a ales sa", "de bunavoie", "de buna voie", "in mod voluntar", "din proprie initiativa"), _NO_CHOICE
    ),
    **dict.fromkeys(("a consimtit sa", "a fost de acord sa", "s a vandut", "isi vindea corpul"), _NO_CONSENT),
    **dict.fromkeys(("migrant* ilegal*", "imigrant* ilegal*", "ilegalisti"), _PAPERS),
    **dict.fromkeys(("presupusa victima", "asa zisa victima"), _REPORTED),
}

TERMS: Mapping[str, str] = MappingProxyType(
    {**_ENGLISH, **_DUTCH, **_GERMAN, **_FRENCH, **_SPANISH, **_ROMANIAN}
)
"""What to write instead, by term."""
