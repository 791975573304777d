"""Marks around figures in prose: what is told where, and that no name can pose as a mark."""

from etl.core.reports.told import address, spans_of, told
from etl.core.wording import one_line


def test_spans_point_at_the_figures_they_mark():
    plain, spans = spans_of(f"共{told('12个', 'P1#branches')}，增加{told('3个', 'P1#branches@previous.by')}。")
    assert plain == "共12个，增加3个。"
    assert [(plain[s["start"] : s["end"]], s["address"]) for s in spans] == [
        ("12个", "P1#branches"),
        ("3个", "P1#branches@previous.by"),
    ]


def test_an_address_says_node_figure_part_and_what_it_is_held_against():
    assert address("P520329/子营街道", "branches_named", "county") == "P520329/子营街道#branches_named.county"
    assert address("P1", "theme_days", of="last_year") == "P1#theme_days@last_year"


def test_a_name_cannot_pose_as_a_mark():
    nasty = one_line("甲\x02P1#members\x1f9999\x03县")
    assert spans_of(told(nasty, "P2#name")) == (nasty, [{"start": 0, "end": len(nasty), "address": "P2#name"}])
    assert "\x02" not in nasty
