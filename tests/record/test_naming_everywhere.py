"""Whatever way a protected person's name is written in, text that holds it is found; ordinary text is not."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.portion import Cut, cut, entity_names
from gateway.record.schema import ENTITY_KINDS
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, counted_random, marked
from tests.record.strategies import records
from tests.record.test_transliteration import PAIRS, ROMANISED


def cuts_of(record: pb.Record) -> list[Cut]:
    names = entity_names(record, counted_random("names"))
    return cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)


def finds(text: str, *names: pb.Name, person: pb.Person | None = None) -> bool:
    """Tell whether a narrative that says this is found to name a victim of these names."""
    record = marked(pb.Record())
    victim = record.persons.add()
    if person is not None:
        victim.CopyFrom(person)
    victim.id, victim.role = "v", pb.ROLE_VICTIM
    victim.names.extend(names)
    record.narratives.add(id="n", text=text)
    (piece,) = [piece for piece in cuts_of(record) if piece.local == "n"]
    return "victim-identifying" in piece.classes


def given_name(name: str) -> pb.Name:
    return pb.Name(given=name)


# Ways of writing a name that leave it the same name.
def _undotted(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def _accented(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(one + "\u0301" if one in "aeiou" else one for one in text))


def _wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


WRITINGS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.lower,
    str.swapcase,
    _undotted,
    _accented,
    _wide,
    ".".join,
    " ".join,
    "-".join,
    "_".join,
    lambda text: f"xx_{text}_2009",
    lambda text: f"({text})",
]


@given(
    pair=st.sampled_from(PAIRS),
    recorded_home=st.booleans(),
    written_home=st.booleans(),
    writing=st.sampled_from(WRITINGS[:6]),
    around=st.sampled_from(["they saw {} there", "тут {} там", "{}", "ήταν {}."]),
)
def test_a_name_is_found_in_either_script_and_any_writing(
    pair: tuple[str, str], recorded_home: bool, written_home: bool, writing: Callable[[str], str], around: str
) -> None:
    home, latin = pair

    text = around.format(writing(home if written_home else latin))

    assert finds(text, given_name(home if recorded_home else latin)) or (
        # Two romanisations of one name are compared letter by letter where neither is foreign.
        not recorded_home and not written_home
    )
    assert finds(text, given_name(home if written_home else latin))


@given(name=st.sampled_from(sorted(ROMANISED)), writing=st.sampled_from(WRITINGS))
def test_a_name_is_found_in_its_own_script_through_any_writing(
    name: str, writing: Callable[[str], str]
) -> None:
    assert finds(f"тут {writing(name)} там", given_name(name))


@given(
    name=st.text("abcdefghiklmnopqrstuvwxyzăâîșțéèçñüöäß", min_size=3, max_size=12).filter(
        lambda text: len(_undotted(text).strip()) >= 3
    ),
    writing=st.sampled_from(WRITINGS),
)
def test_any_latin_name_is_found_through_any_writing(name: str, writing: Callable[[str], str]) -> None:
    assert finds(f"seen: {writing(name)}; then gone", given_name(name))


@given(record=records(most=4, kinds=[kind for kind in ENTITY_KINDS if kind.name != "location"]))
def test_a_record_without_protected_persons_names_nobody(record: pb.Record) -> None:
    for person in record.persons:
        person.role = pb.ROLE_SUSPECT
        person.ClearField("shelter")
    record.narratives.add(id="text", text="Ilinca, Ана Петрова, Strada Teiului 7, +40 722 555 123")

    found = [piece.classes for piece in cuts_of(record) if piece.local == "text"]

    assert found == [frozenset({"narrative"})]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria", "known as Маriа in the chat"),
        ("Maria", "known as Mаriа"),
        ("Popescu", "Miss Рорescu"),
        ("Nora", "saw Νora"),
        ("Мария", "это Маpия"),
        ("Müller", "Frau Mueller"),
        ("Mueller", "Frau Müller"),
        ("Müller", "Frau Muller"),
        ("Jørgensen", "Miss Joergensen"),
        ("Joergensen", "Miss Jørgensen"),
        ("Åse Dahl", "Aase Dahl"),
        ("Weiß", "Frau Weiss"),
        ("Łukasz", "Lukasz"),
        ("Đorđe", "Dorde"),
        ("Ægir", "Aegir"),
        ("Þóra", "Thora"),
        ("Aylın", "AYLIN"),
        ("Yıldız", "Yildiz"),
        ("Maria", "ᴍᴀʀɪᴀ is new in town"),
        ("Maria", "🅼🅰🆁🅸🅰 is new in town"),
        ("Maria", "𝓜𝓪𝓻𝓲𝓪 is new in town"),
        ("Maria", "Ⓜⓐⓡⓘⓐ"),
        ("María", "https://site.example/Mar%C3%ADa"),
        ("María", "https://site.example/Mar%25C3%25ADa"),
        ("María", "Mar&iacute;a"),
        ("Мария", "https://site.example/%D0%9C%D0%B0%D1%80%D0%B8%D1%8F"),
        ("Maria", "q=%D0%9C%D0%B0%D1%80%D0%B8%D1%8F"),
        ("Maria Popescu", "q=maria+popescu"),
        ("Ana", "IMG_AnaHoliday.jpg"),
        ("Ana", "img_ana.popescu.jpg"),
        ("Ана", "IMG_АнаПопеску.jpg"),
        ("Maria", "MariaPopescu2009.jpg"),
    ],
)
def test_tricks_and_spellings_do_not_hide_a_name(name: str, text: str) -> None:
    assert finds(text, pb.Name(full=name))


def test_a_name_is_found_in_a_file_name_a_path_and_an_address() -> None:
    record = marked(pb.Record())
    record.persons.add(id="v", role=pb.ROLE_VICTIM).names.add(given="María")
    held = record.artefacts.add(id="name").metadata
    held.file_name = "Mar%C3%ADa.jpg"
    record.artefacts.add(id="path").metadata.path = "C:\\Users\\Мария\\x.jpg"
    record.artefacts.add(id="exif").metadata.exif.append("Artist=MARIA")
    record.online_contents.add(id="page").content.url = "https://x.example/u/Mar%C3%ADa?x=1"
    record.online_contents.add(id="ad").content.author = "maria.photos"

    named = {piece.local for piece in cuts_of(record) if "victim-identifying" in piece.classes}

    assert named >= {"name", "path", "exif", "page", "ad"}


def test_what_hides_behind_an_escape_is_found_whatever_bytes_stand_before_it() -> None:
    # A length may read as `%`, and would swallow the beginning of a text were the bytes unescaped as a whole.
    for length in range(30, 45):
        text = "Adana%C3%A9" + "x" * (length - len("Adana%C3%A9"))

        assert finds(text, given_name("Adanaé"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("+373 69 123 456", "call 069 123 456"),
        ("069 123 456", "call +373 69 123 456"),
        ("+354 555 1234", "call 555-1234"),
        ("555 1234", "call 00354 555 1234"),
        ("+44 (0)20 7946 0123", "call 020 7946 0123"),
        ("ana.p+shop@mail.example", "wrote from ana.p@mail.example"),
        ("ilinca.v+x@mail.example", "as ilinca.v elsewhere"),
    ],
)
def test_a_number_or_address_is_found_however_it_is_written(value: str, text: str) -> None:
    person = pb.Person()
    person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value=value)

    assert finds(text, person=person)


@pytest.mark.parametrize(
    "text",
    [
        "родилась 4 марта 2011 года",
        "народилася 4 березня 2011",
        "родена на 4 март 2011 г.",
        "рођена 4. марта 2011.",
        "γεννήθηκε στις 4 Μαρτίου 2011",
        "4 Mart 2011 doğumlu",
        "született 2011. március 4-én",
        "narozena 4. března 2011",
        "rođena 4. ožujka 2011.",
        "gimusi 2011 m. kovo 4 d.",
        "born 4.III.2011",
        "DOB 04 MAR 11",
        "DOB 04-MAR-11",
        "born the 4-го марта 2011",
    ],
)
def test_a_birth_date_is_found_in_the_months_of_many_languages(text: str) -> None:
    assert finds(text, person=pb.Person(birth=pb.BirthDate(year=2011, month=3, day=4)))


@pytest.mark.parametrize(
    "text", ["4 апреля 2011 года", "14 марта 2011", "в марте 2011", "DOB 14 MAR 11", "DOB 04 MAY 11"]
)
def test_another_date_is_not(text: str) -> None:
    assert not finds(text, person=pb.Person(birth=pb.BirthDate(year=2011, month=3, day=4)))


# Ordinary sentences that name nobody.
ORDINARY = [
    "The van was parked behind the warehouse, and two men carried boxes into the kitchen until morning.",
    "Later an analysis of the payments showed that most of the money had gone through one exchange office.",
    "De bus stond de hele nacht achter het pand en niemand heeft gezien wie er naar binnen ging.",
    "Der Wagen stand die ganze Nacht hinter dem Haus, und niemand sah, wer hineinging oder herauskam.",
    "La camionnette est restée toute la nuit derrière l'immeuble et personne n'a vu qui y entrait.",
    "Mașina a stat toată noaptea în spatele clădirii și nimeni nu a văzut cine a intrat sau a ieșit.",
    "Машина всю ночь стояла за домом, и никто не видел, кто входил и выходил; а на столе лежали документы.",
    "Они работали без выходных, часа по четыре спали, деньги забирал хозяин, а паспорта лежали у него.",
    "Машина всю ніч стояла за будинком, і ніхто не бачив, хто заходив; вони працювали без вихідних.",
    "Колата стоеше цяла нощ зад сградата и никой не видя кой влиза; парите се прибираха от собственика.",
    "Το φορτηγό έμεινε όλη τη νύχτα πίσω από το κτίριο και κανείς δεν είδε ποιος μπήκε ή βγήκε.",
]
SEVERAL = ["Ana", "Ана", "Maria", "Мария", "Daria", "Eva", "Μαρία", "Ivan", "Sasha", "Olha", "Zoe", "Ilinca"]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_not_found_to_name_anybody(text: str) -> None:
    assert [name for name in SEVERAL if finds(text, given_name(name))] == []


@pytest.mark.parametrize("text", ORDINARY[:6])
def test_ordinary_latin_words_are_compared_by_letters_even_beside_foreign_ones(text: str) -> None:
    assert not finds(f"{text} тут и там", given_name("Kasia"), given_name("Vann"), given_name("Boksis"))
