"""An invented programme's store tables, as wide as wanted, for the tests of reports. Not a real figure in it."""

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pandas as pd

from etl.core.period import Period
from etl.core.programmes.documents import DispatchSettings
from etl.core.reports.dispatch import Edition, ReportFrames
from etl.core.reports.figure_text import Measure

TOP = "P530000"
PREFECTURES = (
    "昆明市 曲靖市 玉溪市 保山市 昭通市 丽江市 普洱市 临沧市 楚雄彝族自治州 红河哈尼族彝族自治州 文山壮族苗族自治州 "
    "西双版纳傣族自治州 大理白族自治州 德宏傣族景颇族自治州 怒江傈僳族自治州 迪庆藏族自治州"
).split()

MEASURES = {
    m.key: m
    for m in (
        Measure("branches", "离退休干部党支部数", "", "branch", "个", 0, False, "none"),
        Measure("members", "离退休干部党员数", "", "person", "人", 0, False, "none"),
        Measure("members_taking_part", "参与创建党员数", "", "person", "人", 0, False, "up"),
        Measure("attendance_rate", "参会率", "到会与请假之和除以应到", "share", "%", 1, True, "up"),
        Measure("theme_days", "主题党日次数", "", "session", "次", 0, False, "up"),
        Measure("volunteer_activities", "志愿服务活动次数", "", "activity", "次", 0, False, "up"),
        Measure("dues_collected", "收缴党费", "", "CNY", "元", 2, False, "none"),
        Measure("branches_rectifying", "整顿中党支部数", "", "branch", "个", 0, False, "down"),
    )
}

SETTINGS = DispatchSettings(
    issuer={"default": "{name}委老干部局"},
    number={"province": "云老通〔{year}〕{number}号", "default": "老通〔{year}〕{number}号"},
    to={"province": "各州（市）委老干部局，省直有关单位", "default": "各有关单位"},
    cc={"province": "省委组织部"},
    title_lines=("{organ}", "关于{period}离退休干部党组织建设", "数据报送情况的通报"),
    headline=(
        "branches",
        "members",
        "attendance_rate",
        "theme_days",
        "volunteer_activities",
        "dues_collected",
    ),
    ranking="attendance_rate",
    table=("branches", "members_taking_part", "theme_days", "volunteer_activities"),
)

EDITION = Edition(
    programme="invented-programme",
    programme_zh="离退休干部“示范党支部”创建",
    period=Period.parse("2018H1"),
    previous=Period.parse("2017H2"),
    last_year=Period.parse("2017H1"),
    node_id=TOP,
    number=10,
    issued_on=dt.date(2018, 8, 6),
    data_as_of=dt.date(2018, 7, 31),
    reply_by=dt.date(2018, 8, 31),
)

RULES = (
    ("R-A3", "参会人次大于应到人次", "核对签到记录，到会与请假之和不得大于应到"),
    ("R-C1", "期初数与上期期末数不一致", "按上期期末数更正期初数，确有调整的附说明"),
    ("R-B2", "必填项为空", "补填；确无发生的填0"),
    ("R-D4", "增减超过两成而未说明", "在备注栏写明增减原因"),
    ("R-E6", "分项之和不等于合计", "重新加总分项"),
    ("R-F1", "支部党员数少于3人", "核实是否应建联合支部"),
    ("R-G1", "党费收缴金额的单位写成了万元", "以元为单位重新填写"),
)


def edition_of(node_id: str, **changes: Any) -> Edition:
    """The invented edition for another node."""
    return replace(EDITION, node_id=node_id, **changes)


def invented(
    children: int = 16,
    grandchildren: int = 0,
    *,
    seed: int = 1,
    top: tuple[str, str] = ("云南省", "province"),
    child_tier: str = "prefecture",
    names: tuple[str, ...] = (),
    missing: float = 0.03,
    late: float = 0.06,
    findings: float = 0.5,
    first_time: bool = False,
) -> ReportFrames:
    """Frames of a top node with `children`, each with `grandchildren` counties; the leaves are the units."""
    chance = random.Random(seed)
    nodes = [{"node_id": TOP, "parent_id": None, "tier": top[1], "code": "530000", "name": top[0]}]
    for i, number in enumerate(range(1, children + 1)):
        name = names[i] if i < len(names) else PREFECTURES[i] if i < 16 else f"第{i + 1}县"
        child = {
            "node_id": f"P53{number:03d}0",
            "parent_id": TOP,
            "tier": child_tier,
            "code": f"53{number:03d}0",
            "name": name,
        }
        nodes.append(child)
        nodes.extend(
            {
                "node_id": f"P53{number:03d}{j + 1:02d}",
                "parent_id": child["node_id"],
                "tier": "county",
                "code": f"53{number:03d}{j + 1:02d}",
                "name": f"{name[:2]}{'甲乙丙丁戊己庚辛壬癸'[j % 10]}{'县' if j % 3 else '彝族自治县'}",
            }
            for j in range(grandchildren)
        )
    frame = pd.DataFrame(nodes)
    leaves = frame[~frame["node_id"].isin(frame["parent_id"].dropna())]
    units = _units(leaves, chance, missing, late)
    found = _findings(units, chance, findings)
    return ReportFrames(
        totals=_totals(frame, units, chance, first_time),
        completeness=_completeness(frame, units, found, chance),
        units=units,
        findings=found,
    )


def _units(leaves: pd.DataFrame, chance: random.Random, missing: float, late: float) -> pd.DataFrame:
    rows = []
    for leaf in leaves.itertuples(index=False):
        dice = chance.random()
        status = "missing" if dice < missing else "late" if dice < missing + late else "received"
        days = chance.randint(1, 12) if status == "late" else 0
        due = dt.date(2018, 7, 16)
        rows.append(
            {
                "unit_id": leaf.node_id,
                "code": leaf.code,
                "name": leaf.name,
                "node_id": leaf.parent_id,
                "kind": "place",
                "status": status,
                "due_on": due,
                "arrived_on": None if status == "missing" else due + dt.timedelta(days=days),
                "days_late": days,
                "rows_held": 0,
                "findings": 0,
            }
        )
    columns = "unit_id code name node_id kind status due_on arrived_on days_late rows_held findings".split()
    return pd.DataFrame(rows, columns=columns)


def _findings(units: pd.DataFrame, chance: random.Random, share: float) -> pd.DataFrame:
    rows = [
        {
            "unit_id": unit.unit_id,
            "node_id": unit.node_id,
            "name": unit.name,
            "rule": rule,
            "sentence": sentence,
            "remedy": remedy,
            "level": "warning" if rule > "R-D" else "row",
            "count": chance.randint(1, 9 - i),
        }
        for unit in units.itertuples(index=False)
        for i, (rule, sentence, remedy) in enumerate(RULES)
        if unit.status != "missing" and chance.random() < share / (i + 1)
    ]
    columns = "unit_id node_id name rule sentence remedy level count".split()
    return pd.DataFrame(rows, columns=columns)


def _below(frame: pd.DataFrame, node_id: str) -> set[str]:
    ids = {node_id}
    while True:
        more = set(frame.loc[frame["parent_id"].isin(ids), "node_id"]) - ids
        if not more:
            return ids
        ids |= more


def _totals(
    frame: pd.DataFrame, units: pd.DataFrame, chance: random.Random, first_time: bool
) -> pd.DataFrame:
    filed = set(units.loc[units["status"] != "missing", "unit_id"])
    base: dict[str, dict[str, float]] = {}
    for unit in sorted(filed):
        branches = chance.randint(12, 90)
        due = branches * chance.randint(60, 110)
        base[unit] = {
            "branches": branches,
            "branches_rectifying": chance.randint(0, 3),
            "members": branches * chance.randint(18, 31),
            "members_taking_part": branches * chance.randint(9, 17),
            "theme_days": branches * chance.randint(4, 7),
            "volunteer_activities": branches * chance.randint(1, 6),
            "dues_collected": branches * chance.randint(90_000, 180_000) / 100,
            "due": due,
            "present": int(due * chance.uniform(0.78, 0.985)),
        }
    rows = []
    for node in frame.itertuples(index=False):
        own = [base[unit] for unit in sorted(_below(frame, node.node_id) & filed)]
        for key, measure in MEASURES.items():
            if not own:
                value: float | None = None
            elif measure.percent:
                value = sum(b["present"] for b in own) / sum(b["due"] for b in own)
            else:
                value = round(sum(b[key] for b in own), 2)
            rows.append({**node._asdict(), **_figures(key, value, measure, chance, first_time)})
    totals = pd.DataFrame(rows)
    totals[["programme", "period", "part"]] = ["invented-programme", "2018H1", ""]
    for rank, of, group in (
        ("rank_in_tier", "rank_of_tier", "tier"),
        ("rank_in_parent", "rank_of_parent", "parent_id"),
    ):
        grouped = totals.groupby([group, "indicator"], dropna=False)["value"]
        totals[rank], totals[of] = grouped.rank(method="min", ascending=False), grouped.transform("count")
    return totals


def _figures(
    key: str, value: float | None, measure: Measure, chance: random.Random, first_time: bool
) -> dict[str, Any]:
    def base(low: float, high: float) -> float | None:
        if value is None or first_time:
            return None
        if measure.percent:
            return min(1.0, value + chance.uniform(-0.05, 0.04))
        return round(value * chance.uniform(low, high), measure.decimals)

    return {
        "indicator": key,
        "value": float("nan") if value is None else value,
        "at_least": False,
        "filed": 0 if value is None else 1,
        "missing": 1 if value is None else 0,
        "median": value,
        "previous_value": base(0.93, 1.04),
        "last_year_value": base(0.88, 1.02),
    }


def _completeness(
    frame: pd.DataFrame, units: pd.DataFrame, found: pd.DataFrame, chance: random.Random
) -> pd.DataFrame:
    rows_of = {unit: chance.randint(15, 95) for unit in units.loc[units["status"] != "missing", "unit_id"]}
    held_of = {unit: chance.choice([0, 0, 0, 1, 2]) for unit in rows_of}
    rows = []
    for node in frame.itertuples(index=False):
        own = units[units["unit_id"].isin(_below(frame, node.node_id))]
        status = own["status"].value_counts()
        arrived = [unit for unit in own["unit_id"] if unit in rows_of]
        rows_in, held = sum(rows_of[u] for u in arrived), sum(held_of[u] for u in arrived)
        counts = found[found["unit_id"].isin(own["unit_id"])].groupby("level")["count"].sum()
        rows.append(
            {
                **node._asdict(),
                "units_expected": len(own),
                "units_received": len(arrived),
                "units_on_time": int(status.get("received", 0)),
                "units_late": int(status.get("late", 0)),
                "units_missing": int(status.get("missing", 0)),
                "rows_in": rows_in,
                "rows_accepted": rows_in - held,
                "rows_held": held,
                "rows_blank": 0,
                "findings_file": 0,
                "findings_row": int(counts.get("row", 0)),
                "findings_warning": int(counts.get("warning", 0)),
            }
        )
    return pd.DataFrame(rows)
