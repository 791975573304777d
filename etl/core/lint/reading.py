"""The places that claims may have, and the facts of one node to hold them against."""

import re
from collections.abc import Mapping, Sequence

from etl.core.lint.doing_places import DOING_CHECKS
from etl.core.lint.doings import Doings, doings, worded
from etl.core.lint.facts import NodeFacts
from etl.core.lint.lexicon import Lexicon, token_class
from etl.core.lint.numbers import number_pattern
from etl.core.lint.places import CHECKS, ReportFacts
from etl.core.lint.record_places import RECORD_CHECKS
from etl.core.lint.records import Records, records
from etl.core.lint.scalars import Scalars, scalars
from etl.core.reports.figure_text import Measure, counted_name
from etl.core.wording import Wording, one_line


def place_patterns(words: Wording, measures: Mapping[str, Measure]) -> dict[str, str]:
    """A regular expression for each kind of place. `day` and `period` come from the words that write them."""
    units = {measure.unit_zh for measure in measures.values()}
    number, comma = number_pattern(words, units), words.lists.comma
    name, change = token_class("name"), words.change
    verbs = "|".join(sorted({v for w in (change.count, change.share) for v in (w.up, w.down) if v}))
    rates = "|".join(sorted({v for w in (change.count, change.share) for v in (w.rate_up, w.rate_down) if v}))
    theme = token_class("theme")
    day = re.sub(r"\\\{(?:year|month|day)(?::\w+)?\\\}", r"\\d+", re.escape(words.dates.day))
    opening, closing = map(re.escape, words.lists.brackets)
    more = re.escape(words.lists.more_uncounted)
    gap = r"\s?"
    moved = rf"(?:{change.about})?(?:{verbs}){gap}(?:{change.about})?(?:[\d.,]*\d{change.points}|{number})"
    pair = rf"{name}{opening}(?:{moved}|(?:{rates})\d[\d.,]*%|{number}){closing}"
    return {
        "number": number,
        "value": number,
        "cell": rf"{re.escape(words.numbers.minus)}?\d[\d,]*(?:\.\d+)?",
        "signed": number,
        "change": rf"{moved}(?:{opening}(?:{rates})\d[\d.,]*%{closing})?",
        "same": change.same,
        "name": name,
        "names": rf"{name}(?:{comma}{name})*(?:{more}(?:\d+个)?)?",
        "rows": rf"{name}{opening}{number}{closing}(?:{comma}{name}{opening}{number}{closing})*",
        "indicator": token_class("indicator"),
        "problem": token_class("problem"),
        "remedy": token_class("remedy"),
        "word": token_class("word"),
        "period": token_class("period"),
        "day": day,
        "if": "",
        "activity": rf"(?:{token_class('activity')}|{token_class('indicator')})",  # 主题党日 is a kind, and a figure's short name
        "leading": rf"{name}{opening}{number}{closing}(?:{comma}{name}{opening}{number}{closing})*",
        "themes": rf"“{theme}”（{number}）(?:{comma}“{theme}”（{number}）)*",
        "filed": token_class("filed"),
        "issue": token_class("issue"),
        "required": number,
        "shortremedy": token_class("remedy"),
        "shortcount": r"\d+",
        "uncompared": "",
        "shortnames": rf"{name}(?:{comma}{name})*",
        "shortday": day,
        "duty": token_class("duty"),
        "fact": token_class("fact"),
        "owing": rf"{name}(?:{comma}{name})*(?:{more}{gap}[^;；，。]*\d[^;；，。单]*)?",
        "shortpairs": rf"{pair}(?:{comma}{pair})*",
    }


def report_facts(node: NodeFacts, annexes: Sequence[str]) -> ReportFacts:
    """The facts of a node whose document has these annexes."""
    single = scalars(node, annexes)
    done = doings(node)
    kept = records(node)
    checks = {**CHECKS, **DOING_CHECKS, **RECORD_CHECKS}
    return ReportFacts(node, single, done, kept, _lexicon(node, single, done, kept), checks)


def _lexicon(facts: NodeFacts, single: Scalars, done: Doings, kept: Records) -> Lexicon:
    """Everything the node's report may name."""
    frames, words = facts.frames, facts.words
    names = {one_line(str(child["name"])) for child in frames.nodes.values() if _near(facts, child)}
    texts = frames.findings.drop_duplicates("rule")
    asked = {worded(each.rule.remedy, words) for each in done.shortfalls}
    remedies = asked | {one_line(str(text)).rstrip("。") for text in texts["remedy"]}
    definitions = {measure.definition for measure in facts.measures.values()}
    tiers = {*facts.settings.tiers.values(), *words.tiers.values()} - {words.tiers["default"]}
    worded_so = tiers | set(words.whole.values()) | set(single.words.values()) | definitions
    return Lexicon(
        {
            "name": names | set(single.names["units"]) | {name for each in kept.duties.values() for name in each.missing},
            "indicator": {measure.zh for measure in facts.measures.values()}
            | {counted_name(facts.measures[key], words) for key in facts.settings.headline},
            "problem": {one_line(str(text)).rstrip("。") for text in texts["sentence"]},
            "remedy": remedies | {text.replace("；", "，") for text in remedies},
            "period": {single.words[key] for key in ("period", "previous", "last_year")},
            "activity": {*facts.words.activities.values()},
            "theme": {title for title, _ in done.themes},
            "filed": done.texts,
            "duty": kept.duties,
            "fact": kept.facts,
            "issue": {worded(rule.title, words) for rule in facts.settings.issues},
            "word": {word for word in worded_so if len(word) > 1},  # a 区 or 市 alone stands in other words too
        }
    )


def _near(facts: NodeFacts, row: Mapping[str, object]) -> bool:
    me = facts.edition.node_id
    return row["node_id"] in (me, facts.node["parent_id"]) or row["parent_id"] == me
