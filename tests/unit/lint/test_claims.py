"""Claims over a small text: what is covered, what each place is asked, what is blamed and in which sentence."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from etl.core.lint.claims import Asked, Claims, Fault, check_text, compile_claims
from etl.core.lint.lexicon import KINDS as LEXICON_KINDS
from etl.core.lint.lexicon import Lexicon, token_class

KINDS = {"number": r"\d+", "name": token_class("name"), "indicator": token_class("indicator")}
WORDED = {kind: token_class(kind) for kind in LEXICON_KINDS}
TELLING = ("name", "problem", "theme", "filed", "issue")
LEXICON = Lexicon({"name": ["甲县", "乙县"], "indicator": ["党员数"]})


class Told:
    """Facts by name: what should stand there. Keeps what it was asked, in order."""

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.facts, self.asked = facts, list[tuple[str, str, str]]()

    def expected(self, kind: str, asked: Asked) -> str | None:
        self.asked.append((kind, asked.scoped, LEXICON.unfold(asked.found)))
        right = self.facts[asked.scoped]
        return None if LEXICON.unfold(asked.found) == right else right


def _check(claims: tuple[str, ...], text: str, facts: Mapping[str, str], scope: int = 0, **more: Any) -> tuple[list[Fault], Told]:
    told = Told(facts)
    grammar = compile_claims(Claims(telling=("增加", "减少"), claims=claims, **more), KINDS)
    return check_text("正文", text, grammar, LEXICON, told, scope), told


FILED = ("{number:due}个单位，已报送{number:filed}个",)
FACTS = {"due": "12", "filed": "9", "more": "3", "most": "甲县", "0.risen": "2", "1.risen": "7"}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("应报12个单位，已报送9个。", []),
        ("应报12个单位，已报送8个。", [("figure", "应报12个单位，已报送8个。", "8", "9")]),
        ("首句。应报13个单位，已报送8个。末句", [
            ("figure", "应报13个单位，已报送8个。", "13", "12"), ("figure", "应报13个单位，已报送8个。", "8", "9"),
        ]),
        ("首句。中句。末句5", [("underived", "末句5", "5", "")]),
        ("首句。应报3个。3个单位，已报送3个。", [  # the same number wrong in two places
            ("underived", "应报3个。", "3", ""), ("figure", "3个单位，已报送3个。", "3", "12"),
            ("figure", "3个单位，已报送3个。", "3", "9"),
        ]),
        ("应报12个单位，已报送9个。甲县增加3个。", [
            ("underived", "甲县增加3个。", token, "") for token in ("3", "增加", "甲县")
        ]),
        ("共1,234人", [("underived", "共1,234人", "1,234", "")]),  # one number is one fault
        ("没有数。", []),
    ],
)
def test_what_tells_something_is_covered_by_a_claim_and_every_place_agrees(text: str, faults: list[tuple[str, ...]]) -> None:
    found, _ = _check(FILED, text, FACTS)
    assert sorted((each.rule, each.sentence, each.found, each.expected) for each in found) == sorted(faults)
    assert {each.place for each in found} <= {"正文"}


def test_the_same_fault_of_one_sentence_is_told_once_and_of_two_twice() -> None:
    claims = ("增加{number:more}个",)
    assert len(_check(claims, "增加4个，增加4个。", FACTS)[0]) == 1
    assert len(_check(claims, "增加4个。又增加4个。", FACTS)[0]) == 2


@pytest.mark.parametrize(("kind", "tells"), [(kind, kind in TELLING) for kind in WORDED])
def test_a_name_a_problem_or_a_units_own_words_are_never_left_unread(kind: str, tells: bool) -> None:
    grammar = compile_claims(Claims(telling=(), claims=("如甲",)), WORDED | KINDS)
    lexicon = Lexicon({kind: ["某事"]})
    assert [each.found for each in check_text("正文", "另有某事", grammar, lexicon, Told({}))] == ["某事"] * tells


def test_a_claim_without_a_place_covers_what_it_says() -> None:
    assert _check(("略有增加",), "党员略有增加。", FACTS)[0] == []
    assert [each.found for each in _check(("略有增加",), "党员增加。", FACTS)[0]] == ["增加"]


def test_what_lies_in_a_gap_is_left_to_other_claims() -> None:
    claims = ("未报送的是{gap}，共{number:due}个", "最多的{name:most}")
    assert _check(claims, "未报送的是最多的甲县，共12个。", FACTS)[0] == []
    left = _check(claims, "未报送的是乙县等3个，共12个。", FACTS)[0]
    assert sorted((each.rule, each.found) for each in left) == [("underived", "3"), ("underived", "乙县")]


def test_a_place_that_is_not_there_is_not_asked_and_what_a_sentence_is_about_is_asked_first() -> None:
    claims = ("{name:most}(?:增加{number:more}个)?(?:，共{number:due}个)?的{indicator:most}",)
    found, told = _check(claims, "甲县，共12个的党员数", {**FACTS, "most": "党员数"})
    assert told.asked == [("indicator", "most", "党员数"), ("name", "most", "甲县"), ("number", "due", "12")]
    assert [(each.found, each.expected) for each in found] == [("甲县", "党员数")]


def test_a_threshold_is_asked_before_the_remedy_and_both_before_the_rest() -> None:
    kinds = KINDS | {"required": r"\d+", "shortremedy": "[一-龥]+"}
    told = Told({"n": "1", "r": "补齐", "t": "85"})
    grammar = compile_claims(Claims(telling=(), claims=("{number:n}个{shortremedy:r}到{required:t}",)), kinds)
    assert check_text("正文", "1个补齐到85", grammar, LEXICON, told) == []
    assert [kind for kind, _, _ in told.asked] == ["required", "shortremedy", "number"]


@pytest.mark.parametrize(("scope", "number"), [(0, "2"), (1, "7")])
def test_a_fact_of_a_group_is_that_of_the_group_the_text_is_about(scope: int, number: str) -> None:
    found, told = _check(("增加{number:group.risen}个，共{number:due}个",), f"增加{number}个，共12个", FACTS, scope)
    assert (found, told.asked) == ([], [("number", f"{scope}.risen", number), ("number", "due", "12")])


@pytest.mark.parametrize(
    ("text", "rules"), [("12个单位，已报送9个", []), ("12个单位，已报送9个。", ["whole"]), ("见12个单位，已报送9个", ["whole"]),
                        ("12个单位，已报送8个", ["figure"])],
)
def test_a_text_that_is_always_written_alike_is_that_from_end_to_end(text: str, rules: list[str]) -> None:
    assert [each.rule for each in _check(FILED, text, FACTS, whole={"正文": FILED[0]})[0]] == rules


def test_only_the_place_that_is_named_is_written_alike() -> None:
    assert _check(FILED, "应报12个单位，已报送9个", FACTS, whole={"题目": FILED[0]})[0] == []


LISTED = {"rows": {"item": "{name}（{number}）", "between": "、"}}


def test_a_list_is_a_place_of_entries_each_like_the_other() -> None:
    grammar = compile_claims(Claims.model_validate({"telling": (), "claims": ("依次是{rows:all}",), "lists": LISTED}), KINDS)
    (claim,) = grammar.claims
    folded = LEXICON.fold("依次是甲县（3）、乙县（12）和")
    match = claim.pattern.search(folded)
    assert match is not None
    assert LEXICON.unfold(match["p0"]) == "甲县（3）、乙县（12）"
    form = grammar.forms["rows"]
    assert [form.item.fullmatch(entry) is not None for entry in match["p0"].split(form.between)] == [True, True]
    second = form.item.fullmatch(match["p0"].split(form.between)[1])
    assert second is not None
    assert (LEXICON.unfold(second[1]), second[2]) == ("乙县", "12")


@pytest.mark.parametrize(
    "source",
    [{"claims": ("{numbr:x}",)}, {"claims": (), "whole": {"题目": "{numbr:x}"}},
     {"claims": (), "lists": {"rows": {"item": "{numbr}", "between": "、"}}}],
)
def test_a_kind_of_place_that_nobody_knows_does_not_load(source: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=re.escape("unknown kind of place {numbr")):
        compile_claims(Claims.model_validate({"telling": (), **source}), KINDS)


def test_without_words_of_its_own_names_and_numbers_tell_still() -> None:
    grammar = compile_claims(Claims(telling=(), claims=()), KINDS)
    found = check_text("正文", "甲县增加3个", grammar, LEXICON, Told({}))
    assert [(each.rule, each.found) for each in found] == [("underived", "甲县"), ("underived", "3")]
