"""Rules load whole or not at all, each in its layer, and the floor is the one that was reviewed."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from gateway.errors import GatewayError, Malformed, Misconfigured
from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import (
    AgeClass,
    Fact,
    Lane,
    LegalBasis,
    ObligationCode,
    Provenance,
    Purpose,
    RoleClass,
    Rung,
    Term,
)
from policy.bundle import (
    FLOOR_DIGEST,
    Bundle,
    bundle_of,
    floor_digest,
    shipped_baseline,
    shipped_floor,
    shipped_schema,
)
from policy.canary import CANARIES
from policy.cell import CLASSES
from policy.engine import Engine
from policy.rule import Layer
from policy.statement import RuleFile, split
from policy.vocabulary import APPROVAL_TOKENS, UNKNOWN, RecipientKind, Regime, UnitFunction
from tests.policy import given

_HEAD = '@id("LOCAL-1") @layer("local") @reason("r") @source("s")'
_UNBOUND = 'action == Comity::Action::"discloseUnbound"'
_PERMIT = "permit (principal, action, resource);"


def _local(text: str) -> Engine:
    return Engine(bundle_of(baseline="", local={"local.cedar": text}))


def _members(name: str) -> set[str]:
    text = shipped_schema()
    start = text.index(f"entity {name} enum [")
    listed = text[text.index("[", start) + 1 : text.index("]", start)]
    return {part.strip().strip('"') for part in listed.split(",")}


def _tokens(vocabulary: type[Term]) -> set[str]:
    return {term.token for term in vocabulary}


def test_floor_is_the_one_that_was_reviewed() -> None:
    # Changing a floor rule means changing the constant in the same commit, where a reviewer sees both.
    assert floor_digest(shipped_floor()) == FLOOR_DIGEST


def test_altered_floor_does_not_load() -> None:
    bundle = bundle_of(baseline=shipped_baseline())
    first, *rest = bundle.floor
    weakened = replace(first, text=first.text.replace('Comity::Age::"adult"', 'Comity::Age::"minor"', 1))

    with pytest.raises(Misconfigured) as refused:
        Engine(replace(bundle, floor=(weakened, *rest)))

    assert refused.value.code == "floor-altered"


def test_missing_floor_does_not_load() -> None:
    with pytest.raises(Misconfigured) as refused:
        Engine(replace(bundle_of(baseline=shipped_baseline()), floor=()))

    assert refused.value.code == "floor-altered"


@pytest.mark.parametrize("rule_id", sorted(CANARIES))
def test_floor_without_one_of_its_rules_does_not_load(rule_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    floor = tuple(
        RuleFile(name=f.name, text="".join(s.text for s in split(f) if f'@id("{rule_id}")' not in s.text))
        for f in shipped_floor()
    )
    monkeypatch.setattr("policy.engine.FLOOR_DIGEST", floor_digest(floor))

    with pytest.raises(Misconfigured) as refused:
        Engine(replace(bundle_of(baseline=shipped_baseline()), floor=floor))

    assert refused.value.code == "floor-canary"
    assert rule_id in refused.value.message


@pytest.mark.parametrize("rule_id", sorted(CANARIES))
def test_floor_rule_that_forbids_nothing_any_more_does_not_load(
    rule_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gutted(file: RuleFile) -> RuleFile:
        texts = [
            s.text[: s.text.rindex("unless")] + "when { false };" if f'@id("{rule_id}")' in s.text else s.text
            for s in split(file)
        ]
        return RuleFile(name=file.name, text="".join(texts))

    floor = tuple(gutted(file) for file in shipped_floor())
    monkeypatch.setattr("policy.engine.FLOOR_DIGEST", floor_digest(floor))

    with pytest.raises(Misconfigured) as refused:
        Engine(replace(bundle_of(baseline=shipped_baseline()), floor=floor))

    assert refused.value.code == "floor-canary"
    assert rule_id in refused.value.message


def test_floor_that_denies_everything_does_not_pass_for_one_that_protects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("policy.canary.HARMLESS", CANARIES["VP-09"])

    with pytest.raises(Misconfigured, match="must let pass"):
        Engine(bundle_of(baseline=shipped_baseline()))


def test_every_floor_rule_forbids_and_says_why_in_a_sentence() -> None:
    floor = [rule for rule in given.shipped().rules.values() if rule.layer is Layer.FLOOR]

    assert {rule.id for rule in floor} == CANARIES.keys()
    for rule in floor:
        assert rule.effect == "forbid"
        assert rule.reason and rule.source and rule.sentence.endswith(".")


def test_every_floor_rule_is_written_as_a_proof_of_safety() -> None:
    for file in shipped_floor():
        for statement in split(file):
            code = "".join(line for line in statement.text.splitlines() if not line.startswith("//"))
            assert "unless {" in code and "when {" not in code, statement.line
            assert "action in Comity" not in code and "resource in" not in code, statement.line


def test_what_a_case_of_the_catalogue_asks_of_this_step_stands_in_the_floor() -> None:
    assert {"VP-01", "VP-02", "VP-02T", "VP-07", "VP-08", "VP-09", "VP-42"} <= CANARIES.keys()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Kind", {kind.value for kind in RecipientKind}),
        ("Regime", {regime.value for regime in Regime}),
        ("Function", {function.value for function in UnitFunction}),
        ("Role", _tokens(RoleClass)),
        ("Age", _tokens(AgeClass)),
        ("Fact", _tokens(Fact)),
        ("Rung", _tokens(Rung)),
        ("Class", CLASSES | {UNKNOWN}),
        ("Category", CATEGORIES.keys() | {UNKNOWN}),
        ("Purpose", _tokens(Purpose) | {UNKNOWN}),
        ("LegalBasis", _tokens(LegalBasis) | {UNKNOWN}),
        ("Lane", _tokens(Lane)),
        ("Provenance", _tokens(Provenance)),
        ("Approval", APPROVAL_TOKENS),
    ],
)
def test_every_closed_list_of_the_schema_is_the_one_the_code_speaks(name: str, known: set[str]) -> None:
    assert _members(name) == known


def test_every_attribute_of_the_schema_is_required() -> None:
    assert '"?' not in shipped_schema()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{_HEAD} permit (principal, action, resource)", "not finished"),
        (f'{_HEAD} permit (principal, action, resource) when {{ principal.country == "NL }};', "not closed"),
        (f"{_HEAD} permit (principal, action);", "does not parse"),
        (f'{_HEAD} @id("LOCAL-2") {_PERMIT}', "does not parse"),
        (f"{_HEAD} permit (principal, action, resource) when {{ principal.shoe == 1 }};", "LOCAL-1"),
        (f'{_HEAD} permit (principal, action == Comity::Action::"give", resource);', "LOCAL-1"),
        (_PERMIT, "lacks @id, @layer, @reason, @source"),
        (f'@id("LOCAL-1") @layer("local") @reason("r") {_PERMIT}', "lacks @source"),
        (f'{_HEAD} @note("x") {_PERMIT}', "unknown annotation @note"),
        (f"{_HEAD.replace('LOCAL-1', 'engine-error')} {_PERMIT}", "not a rule id"),
        (f"{_HEAD.replace('LOCAL-1', '')} {_PERMIT}", "not a rule id"),
        (f"""{_HEAD.replace('"local"', '"floor"')} {_PERMIT}""", "@layer is 'floor'"),
        (f"""{_HEAD.replace('"local"', '"baseline"')} {_PERMIT}""", "@layer is 'baseline'"),
        (f"""{_HEAD.replace('"r"', '" "')} {_PERMIT}""", "empty"),
        (f'{_HEAD} @lift("VPO:1") {_PERMIT}', "stands on a permit"),
        (f'{_HEAD} @lift("VOP:1") forbid (principal, action, resource);', "list of known members"),
        (f'{_HEAD} @lift("") forbid (principal, action, resource);', "list of known members"),
        (f'{_HEAD} @lift("VPO:1,VPO:1") forbid (principal, action, resource);', "list of known members"),
        (
            f'{_HEAD} @oblige("no-onward") forbid (principal, action, resource);',
            "not exactly discloseUnbound",
        ),
        (
            f'{_HEAD} @oblige("be-kind") forbid (principal, {_UNBOUND}, resource);',
            "list of known members",
        ),
        (
            f"{_HEAD} forbid (principal, {_UNBOUND}, resource);",
            "without naming a duty",
        ),
        (f"{_HEAD} {_PERMIT}\n\n{_HEAD} {_PERMIT}", "is used at local.cedar"),
        (f"{_HEAD.replace('LOCAL-1', 'VP-09')} {_PERMIT}", "is used at floor/location.cedar"),
    ],
)
def test_rule_that_does_not_belong_refuses_the_whole_bundle(text: str, why: str) -> None:
    good = f"{_HEAD.replace('LOCAL-1', 'LOCAL-0')} {_PERMIT}\n// a comment; with a semicolon\n\n"

    with pytest.raises(Malformed) as refused:
        _local(good + text)

    assert why in refused.value.message
    name, line = refused.value.field.split(":")[:2]
    assert name == "local.cedar"
    assert int(line) == 4 + ("is used at local" in why) * 2


def test_floor_layer_takes_no_permit_no_string_and_no_rule_without_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = '@id("F-1") @layer("floor") @reason("r") @source("s")'
    said = f"/// A sentence.\n{head}"
    refusals = {}
    for name, text in {
        "permit": f"{said} {_PERMIT}",
        "string": f'{said} forbid (principal, action, resource) unless {{ principal.country == "NL" }};',
        "like": f'{said} forbid (principal, action, resource) unless {{ principal.country like "N*" }};',
        "silent": f"// No sentence.\n{head} forbid (principal, action, resource);",
    }.items():
        floor = (*shipped_floor(), RuleFile(name="floor/new.cedar", text=text))
        monkeypatch.setattr("policy.engine.FLOOR_DIGEST", floor_digest(floor))
        with pytest.raises(Malformed) as refused:
            Engine(replace(bundle_of(baseline=""), floor=floor))
        refusals[name] = refused.value.message

    assert "only forbids" in refusals["permit"]
    assert "misspelt" in refusals["string"] and "misspelt" in refusals["like"]
    assert "`///` sentence" in refusals["silent"]


def test_new_floor_rule_without_a_canary_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    head = '/// S.\n@id("F-1") @layer("floor") @reason("r") @source("s")'
    text = f"{head} forbid (principal, action, resource) unless {{ true }};"
    floor = (*shipped_floor(), RuleFile(name="floor/new.cedar", text=text))
    monkeypatch.setattr("policy.engine.FLOOR_DIGEST", floor_digest(floor))

    with pytest.raises(Misconfigured, match="F-1"):
        Engine(replace(bundle_of(baseline=""), floor=floor))


def test_overlay_of_every_layer_loads_where_it_belongs() -> None:
    agreement = f"""{_HEAD.replace('"local"', '"agreement"').replace("LOCAL", "NL-RO")} {_PERMIT}"""

    engine = Engine(
        bundle_of(
            baseline=shipped_baseline(),
            agreements={"nl-ro.cedar": agreement},
            local={"a.cedar": f"{_HEAD} {_PERMIT}", "b.cedar": "// nothing yet; really\n"},
        )
    )

    assert engine.rules["NL-RO-1"].layer is Layer.AGREEMENT
    assert engine.rules["LOCAL-1"].layer is Layer.LOCAL
    assert (engine.rules["LOCAL-1"].file, engine.rules["LOCAL-1"].line) == ("a.cedar", 1)


def test_strings_and_comments_do_not_cut_a_rule() -> None:
    text = (
        "// first; not a rule\n/// A sentence; with a semicolon,\n/// and a second line.\n"
        '@id("A")\n@reason("semi;colon // and \\" quote")\npermit (principal, action, resource); // end;\n'
        '@id("B") permit (principal, action, resource);\n// done'
    )

    found = split(RuleFile(name="x", text=text))

    assert [statement.line for statement in found] == [4, 7]
    assert found[0].sentence == "A sentence; with a semicolon, and a second line."
    assert found[1].sentence == ""


def test_digest_names_every_text_and_where_it_stands() -> None:
    plain = Bundle(floor=(), baseline=(RuleFile(name="a", text="bc"),), agreements=(), local=())

    others = [
        replace(plain, baseline=(RuleFile(name="ab", text="c"),)),
        replace(plain, baseline=(RuleFile(name="a", text="bc"), RuleFile(name="", text=""))),
        replace(plain, baseline=(), agreements=plain.baseline),
        replace(plain, baseline=(), local=plain.baseline),
        replace(plain, baseline=(), floor=plain.baseline),
        replace(plain, baseline=(RuleFile(name="a", text="bc\n"),)),
    ]

    assert len({bundle.digest for bundle in (plain, *others)}) == 1 + len(others)
    assert all(len(bundle.digest) == 32 for bundle in others)
    assert replace(plain).digest == plain.digest


def test_order_in_which_overlays_are_given_does_not_matter() -> None:
    one, two = {"a": "// a", "b": "// b"}, {"b": "// b", "a": "// a"}

    assert bundle_of(baseline="", local=one).digest == bundle_of(baseline="", local=two).digest


def test_decision_names_the_rules_it_was_made_by() -> None:
    engine = given.shipped()

    decision = engine.decide(given.POLICE, given.ASKED, [given.CAR], frozenset())

    assert decision.policy_digest == engine.policy_digest == bundle_of(baseline=shipped_baseline()).digest
    assert decision.policy_digest.hex().encode() in decision.encode()


def test_every_obligation_that_rules_name_is_one_that_travels() -> None:
    named = {code for rule in given.shipped().rules.values() for code in rule.obligations}

    assert named <= set(ObligationCode)
    assert ObligationCode.CONTACT_VIA_VPO in named


def test_engine_does_not_travel_between_processes() -> None:
    with pytest.raises((TypeError, pickle.PicklingError)):
        pickle.dumps(given.shipped())


def test_errors_of_loading_derive_from_the_one_hierarchy() -> None:
    with pytest.raises(GatewayError):
        _local("permit")
