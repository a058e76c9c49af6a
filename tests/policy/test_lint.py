"""Everything that is wrong with a rule file is told in one reading, each thing where it stands."""

from __future__ import annotations

import pytest

from policy.authoring.lint import LONGEST_REASON, Finding, lint
from policy.bundle import shipped_baseline_files, shipped_floor
from policy.rule import Layer
from policy.statement import RuleFile

_GOOD = """
/// Border police do not receive this.
@id("OUR-1") @layer("local") @reason("not to border police") @source("our instruction 1")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
unless { !principal.functions.contains(Comity::Function::"border") };
"""
_HEAD = '/// S.\n@id("OUR-1") @layer("local") @reason("r") @source("s")\n'
_FORBID = _HEAD + "forbid (principal, action, resource is Comity::Portion)\n"
_PERMIT = _HEAD + "permit (principal, action, resource is Comity::Portion)\n"


def _lint(text: str, layer: Layer = Layer.LOCAL) -> list[Finding]:
    return lint([(layer, RuleFile(name="own.cedar", text=text))])


def test_shipped_rules_are_clean() -> None:
    floor = [(Layer.FLOOR, file) for file in shipped_floor()]
    baseline = [(Layer.BASELINE, file) for file in shipped_baseline_files()]

    assert lint([*floor, *baseline]) == []


def test_a_good_rule_is_clean() -> None:
    assert _lint(_GOOD) == []


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "expected"),
    [
        (_GOOD.replace("///", "//"), 3, 1, "has no sentence", "///"),
        (_GOOD.replace('"border"', '"boarder"'), 5, 40, "'boarder' is not on the list Function", "'border'"),
        (_GOOD.replace('"disclose"', '"discloze"'), 4, 30, "'discloze' is not on the list", "'disclose'"),
        (
            _FORBID + 'unless { resource.category == Comity::Category::"person.nmae" };',
            *(4, 31, "'person.nmae' is not on the list Category", "'person.name'"),
        ),
        (_GOOD.replace("not to border", "x" * LONGEST_REASON), 3, 30, "characters", "at most"),
        (_GOOD.replace('@layer("local")', '@layer("floor")'), 3, 1, "@layer is 'floor'", "file it stands in"),
        (_GOOD.replace(' @source("our instruction 1")', ""), 3, 1, "lacks @source", "loads"),
        (_GOOD.replace("@source", "@sauce"), 3, 1, "unknown annotation @sauce", "loads"),
        (
            _GOOD.replace("@source", '@lift("police.ro/VPO:1") @source'),
            *(3, 62, "an officer of another agency", "VPO:1"),
        ),
        (_GOOD.replace("@source", '@lift("BOSS:1") @source'), 3, 62, "no known approval", "RLO"),
        (_GOOD.replace("@source", '@lift("VPO:1,VPO:1") @source'), 3, 62, "twice", "once"),
        (_FORBID + "when { resource has age };", 4, 17, "`has`", "read the attribute"),
        (_FORBID + "when { false };", 4, 1, "can never apply", "condition"),
        (_FORBID + "unless { true };", 4, 1, "can never apply", "condition"),
        (_PERMIT + ";", 3, 1, "permits without any condition", "when"),
        (_PERMIT + "when { true };", 3, 1, "permits without any condition", "when"),
        (
            _FORBID.replace("(principal,", "(principal == ?principal,") + ";",
            3,
            22,
            "is a template",
            "as it is",
        ),
        (
            _FORBID + 'unless { principal.communities.contains("x") && "thb" == "thb" };',
            *(4, 49, 'compares with the text "thb"', "closed list"),
        ),
        (_FORBID + "unless { resource.agee };", 4, 19, "`agee`", "schema.cedarschema"),
        (_FORBID + "unless { resource.age === 1 };", 4, 23, "does not parse", "Cedar syntax"),
        (_FORBID, 2, 1, "not finished", "loads"),
        (_FORBID + 'unless { "x };', 4, 1, "not closed", "loads"),
        (_GOOD + _GOOD, 8, 1, "@id OUR-1 is used at own.cedar:3 too", "no other rule"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    text: str, line: int, column: int, message: str, expected: str
) -> None:
    found = _lint(text)

    told = [(one.line, one.column) for one in found if message in one.message and expected in one.expected]
    assert (line, column) in told, found


@pytest.mark.parametrize(
    "condition",
    [
        'principal.country == "NL"',
        '["NL", "RO"].contains(principal.country)',
        'principal.communities.contains("thb")',
        'principal.agreements.containsAny(["nl-ro-2030"])',
    ],
)
def test_text_is_right_for_what_no_list_holds(condition: str) -> None:
    assert _lint(f"{_FORBID}unless {{ {condition} }};") == []


def test_everything_is_told_in_one_reading() -> None:
    text = _GOOD.replace("///", "//").replace('"border"', '"boarder"').replace('"disclose"', '"discloze"')
    other = RuleFile(name="other.cedar", text="forbid (")

    found = lint([(Layer.LOCAL, RuleFile(name="own.cedar", text=text)), (Layer.LOCAL, other)])

    assert [one.place for one in found] == [
        "other.cedar:1:1",
        "own.cedar:3:1",
        "own.cedar:4:30",
        "own.cedar:5:40",
    ]


def test_an_id_of_the_floor_is_taken() -> None:
    floor = [(Layer.FLOOR, file) for file in shipped_floor()]
    own = RuleFile(name="own.cedar", text=_GOOD.replace("OUR-1", "VP-01"))

    (found,) = lint([*floor, (Layer.LOCAL, own)])

    assert "@id VP-01 is used at floor/identity.cedar" in found.message
