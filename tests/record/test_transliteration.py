"""A name is heard in every script and in every usual romanisation."""

from __future__ import annotations

import pytest

from gateway.record.folding import fold, squeeze
from gateway.record.transliteration import as_it_looks, is_foreign, only_foreign, signs, sound_of, spaced

# A name as it is written at home, and as passports and papers romanise it.
ROMANISED = {
    "Юлия": "Iuliia Yuliya Julija Yulia Iulia Julia",
    "Хасан": "Khasan Hasan Chasan Xasan",
    "Живков": "Zhivkov Živkov Zivkov Jivkov Schiwkow",
    "Цветкова": "Tsvetkova Cvetkova Zwetkowa",
    "Щербина": "Shcherbina Ščerbina Scerbina Schtscherbina Shterbina",
    "Алёна": "Alyona Alena Aljona Aliona",
    "Сергей": "Sergei Sergey Sergej",
    "Ганна": "Hanna Ganna",
    "Ђорђевић": "Djordjevic Đorđević Dordevic",
    "Ћирић": "Ćirić Ciric",
    "Љиљана": "Ljiljana Liljana Lilyana",
    "Његош": "Njegoš Njegos",
    "Џамал": "Džamal Dzhamal Jamal",
    "Ќерим": "Kerim Kjerim",
    "Татьяна": "Tatiana Tatyana Tatjana Tat'yana",
    "Дмитрий": "Dmitry Dmitriy Dmitrii Dmitrij Dmitri",
    "Алексей": "Alexey Aleksei Aleksej Alexei",
    "Ксения": "Kseniya Xenia Ksenia Ksenija",
    "Елена": "Elena Yelena Jelena",
    "Мария": "Maria Mariya Mariia Marija",
    "Анна": "Anna Ana",
    "Фёдор": "Fyodor Fedor Fjodor",
    "Наташа": "Natasha Nataša Natascha Natacha Natasa",
    "Чебан": "Ceban Cheban Čeban",
    "Цуркану": "Țurcanu Turcanu Tsurkanu",
    "Кирилэ": "Chirila Chirilă",
    "Вэкэреску": "Văcărescu Vacarescu",
    "Анжела": "Angela Anzhela",
    "Андрій": "Andrii Andriy Andrij",
    "Ольга": "Olga Olha Ol'ga",
    "Георге": "Gheorghe",
    "Євгенія": "Yevheniia Evgeniya Jevgenija",
    "Ґалаґан": "Galagan Galahan",
    "Яна": "Yana Jana Iana",
    "Γιάννης": "Giannis Yannis Jannis",
    "Γεώργιος": "Georgios",
    "Ευγενία": "Evgenia Eugenia",
    "Μπάμπης": "Babis Mpampis Bampis",
    "Ντίνα": "Dina Ntina",
    "Χρήστος": "Christos Hristos Khristos",
    "Ψαρά": "Psara",
    "Ξένια": "Xenia Ksenia",
    "Θάλεια": "Thaleia Thalia",
    "Τζένη": "Tzeni Dzeni Jenny",
    "Τσίπρας": "Tsipras Tzipras",
    "Αγγελική": "Angeliki Aggeliki",
    "Ειρήνη": "Eirini Irini",
    "Κούλα": "Koula Kula",
    "Παναγιώτα": "Panagiota Panayiota",
    "Σταύρος": "Stavros",
    "Φωτεινή": "Foteini Fotini Photeini",
    "Λάμπρος": "Lampros Lambros",
}
PAIRS = [(home, latin) for home, written in ROMANISED.items() for latin in written.split()]


def heard(name: str, text: str, *, part: bool = True) -> bool:
    sound = sound_of(squeeze(name), anywhere_from=5, part=part)
    return sound.stands_in(signs(squeeze(text)), signs(spaced(fold(text))))


@pytest.mark.parametrize(("home", "latin"), PAIRS)
def test_a_name_from_home_is_heard_in_latin_text_however_it_is_romanised(home: str, latin: str) -> None:
    assert heard(home, f"they saw {latin} at noon")
    assert heard(home, f"THEY SAW {latin.upper()}.")


@pytest.mark.parametrize(("home", "latin"), PAIRS)
def test_a_romanised_name_is_heard_in_text_from_home(home: str, latin: str) -> None:
    assert heard(latin, f"тут {home} там")
    assert heard(latin, f"ΕΔΩ {home.upper()}!")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria", "видели Марию вчера"),
        ("Мария", "говорила о Марии"),
        ("Ana", "сказала Анне, что придёт"),
        ("Popescu", "у Попеску"),
        ("Ivan", "с Иваном"),
        ("Petrova", "видел Петрову"),
        ("Giorgos", "του Γιώργου"),
        ("Юлия", "с Юлией"),
    ],
)
def test_a_name_is_heard_in_every_case_it_is_declined_in(name: str, text: str) -> None:
    assert heard(name, text)


@pytest.mark.parametrize("text", ["М-а-р-и-я", "М а р и я", "Ма.рия", "милаямария17", "МАРИЯ"])
def test_punctuation_and_handles_do_not_hide_a_name(text: str) -> None:
    assert heard("Maria", text)


@pytest.mark.parametrize("text", ["А-н-а", "А н а", "Ан-а", "(ана)"])
def test_a_short_name_is_heard_through_punctuation(text: str) -> None:
    assert heard("Ana", text)


@pytest.mark.parametrize("text", ["а на столе", "она и они", "банан", "поле", "анализ", "дар был мал"])
def test_a_short_name_is_not_heard_within_words_or_across_them(text: str) -> None:
    assert not heard("Ana", text)
    assert not heard("Daria", text)


def test_a_whole_name_of_short_parts_is_heard_across_a_space() -> None:
    assert heard("Li Wu", "с Ли Ву", part=False)


def test_look_alike_letters_are_read_as_what_they_look_like() -> None:
    # `М` and `а` are Cyrillic here, then `р` stands for a Latin p.
    assert as_it_looks("Маriа Рopescu") == "Maria Popescu"


def test_latin_text_is_not_foreign_whatever_marks_it_bears() -> None:
    assert not is_foreign("Văcărescu, Łódź, Ümit")
    assert is_foreign("Maria и")
    assert is_foreign("ΑΝΝΑ")


def test_words_in_latin_letters_alone_are_left_out_of_mixed_text() -> None:
    assert only_foreign("seen with ана and maриа") == "| | ана | maриа"
