"""Our rules as dbt tests: what `expectations/` says of files, one test a rule, each the rows that fail.

Left out are a file's own faults (the CSV files have none), comparisons with the period before, of which a simulated first
half-year has none, what is asked of a year only, and texts that are nearly alike (K02).
"""

NUMBERS = ("whole", "number", "money", "share")
PERIOD = ("2018-01-01", "2018-06-30")
PARTS = {
    "branches": {"study_groups": ("led", "own", "joint")},
    "unit_figures": {
        "branches_named": ("county", "prefecture", "province"),
        "working_committees": ("county", "prefecture", "province"),
        "rooms_built": ("new", "rebuilt", "enlarged"),
        "contact_points": ("county", "prefecture", "province"),
    },
}
PART_OF = [
    ("members_taking_part", "members"),
    ("members_away", "members"),
    ("members_away_managed", "members_away"),
    ("attendance_present", "attendance_due"),
]
LEDGER = {"party_meetings": ("党员大会", "支部党员大会"), "theme_days": ("主题党日",), "volunteer_activities": ("志愿服务",)}
PEERS = (12, 8.0)
HEAPS = (12, 20, 0.6, 0.8, 0.8)


def rows(table, condition, shown="*"):
    """A test: the rows of a table's typed cells that meet a condition."""
    return f"select {shown} from {{{{ ref('stg_{table}') }}}} where {condition}\n"


def words(known):
    """Words as a list in SQL."""
    return ", ".join(f"'{word}'" for word in known)


def in_list(table, column, choices, required):
    """A test: a word that the form does not offer, or none where one is asked for."""
    missing = f' or "{column}" is null' if required else ""
    return rows(table, f'"{column}" not in ({words(choices[table][column])}){missing}')


def of_cells(types, choices, required):
    """What single cells and their neighbours in the row must be."""
    found = {}
    for table, columns in types.items():
        typed = [name for name, kind in columns.items() if kind in (*NUMBERS, "date")]
        numbers = [name for name, kind in columns.items() if kind in NUMBERS]
        whole = [name for name, kind in columns.items() if kind == "whole"]
        found[f"{table}_readable"] = rows(
            table, " or ".join(f'("raw_{name}" is not null and "{name}" is null)' for name in typed)
        )
        found[f"{table}_required"] = rows(
            table, " or ".join(f'"{name}" is null' for name in required[table] if name in columns)
        )
        if numbers:
            found[f"{table}_not_negative"] = rows(table, " or ".join(f'"{name}" < 0' for name in numbers))
            found[f"{table}_whole"] = rows(table, " or ".join(f'"{name}" != floor("{name}")' for name in whole))
        for column in choices[table]:
            found[f"{table}_{column}_known"] = in_list(table, column, choices, column in required[table])
    for table, wholes in PARTS.items():
        for whole, parts in wholes.items():
            total = " + ".join(f'"{whole}__{part}"' for part in parts)
            found[f"{table}_{whole}_parts"] = rows(table, f'"{whole}" != {total}')
    for part, whole in PART_OF:
        found[f"{part}_within_{whole}"] = rows("branches", f'"{part}" > "{whole}"')
    return found


BRANCHES = {
    "branch_id_form": rows("branches", r"not regexp_full_match(branch_id, '[0-9A-Za-z-]{6,30}')"),
    "branch_name_noise": rows("branches", "regexp_matches(branch_name, '[a-zāáǎàēéěèīíǐìōóǒòūúǔù?�]')"),
    "branch_kind_known": rows("branches", "branch_kind not in ('普通党支部', '功能性党支部', '临时性党支部')"),
    "own_members_only": rows("branches", "figures_scope not in ('离退休干部党员', '离退休干部')"),
    "no_members_of_others": rows("branches", "branch_kind in ('功能性党支部', '临时性党支部') and members > 0"),
    "share_at_most_1": rows("branches", "attendance_rate > 1"),
    "score_at_most_100": rows("branches", "self_score > 100"),
    "persons_no_person_times": rows("branches", "regexp_matches(concat_ws('|', raw_members, raw_members_away), '人次|户|件')"),
    "rate_recomputed": rows(
        "branches", "abs(attendance_rate - (attendance_present + attendance_excused) / nullif(attendance_due, 0)) > 0.001"
    ),
    "members_3_to_50": rows("branches", "members not between 3 and 50 and branch_kind = '普通党支部'"),
    "meeting_each_quarter": rows("branches", "party_meetings / 2 < 1"),
    "dues_a_month": rows("branches", "dues_collected / nullif(members, 0) / 6 not between 2 and 200"),
    "one_unit_row": "select unit from {{ ref('stg_unit_figures') }} group by unit having count(*) > 1\n",
}
UNITS = {
    "branches_closing": rows("unit_figures", "branches != branches_opening + branches_established - branches_dissolved"),
    "members_of_branches": """select u.unit, u.members, s.members as of_branches from {{ ref('stg_unit_figures') }} as u
join (select unit, sum(members) as members from {{ ref('stg_branches') }} group by unit) as s using (unit)
where u.members != s.members
""",
    "branches_filed": """select u.unit, u.branches, s.filed from {{ ref('stg_unit_figures') }} as u
join (select unit, count(*) as filed from {{ ref('stg_branches') }} group by unit) as s using (unit)
where u.branches != s.filed
""",
    "commended_listed": """select u.unit, u.organisations_commended, u.members_commended, l.*
from {{ ref('stg_unit_figures') }} as u
left join (select unit, count(*) filter (recipient_kind in ('党组织', '党支部', '集体', '基层党组织')) as organisations,
  count(*) filter (recipient_kind in ('党员', '个人', '党员个人')) as people
  from {{ ref('stg_honours') }} where honour_kind in ('表扬', '表彰') group by unit) as l using (unit)
where u.organisations_commended != coalesce(l.organisations, 0) or u.members_commended != coalesce(l.people, 0)
""",
    "named_within_quota": """select sum(branches_named__province) as named from {{ ref('stg_unit_figures') }}
having sum(branches_named__province) > 100
""",
}
LEDGER_ROWS = {
    "day_in_period": rows("activities", f"held_on not between '{PERIOD[0]}' and '{PERIOD[1]}'"),
    "attended_or_excused": rows("activities", "attendance_present + coalesce(attendance_excused, 0) > attendance_due"),
    "entered_once": """select * from {{ ref('stg_activities') }}
qualify row_number() over (partition by unit, branch_id, held_on, activity_kind, activity_title order by row_number) > 1
""",
    "branch_of_this_unit": """select a.* from {{ ref('stg_activities') }} as a
left join {{ ref('stg_branches') }} as b on a.unit = b.unit and a.branch_id = b.branch_id where b.branch_id is null
""",
}
HONOURS = {
    "named_branch_filed": """select h.* from {{ ref('stg_honours') }} as h
left join {{ ref('stg_branches') }} as b using (branch_id)
where h.honour_kind = '命名' and b.branch_id is null
""",
    "named_level_by_level": """select h.* from {{ ref('stg_honours') }} as h
left join {{ ref('stg_honours') }} as below on h.branch_id = below.branch_id and below.level = '县（市、区）级示范党支部'
where h.level = '州（市）级示范党支部' and below.branch_id is null
""",
    "named_after_rectifying": """select h.* from {{ ref('stg_honours') }} as h
join {{ ref('stg_branches') }} as b using (branch_id)
where h.honour_kind = '命名' and b.rectifying in ('是', '√', 'Y', '有')
""",
    "named_with_level": rows("honours", "honour_kind = '命名' and level is null"),
    "decided_in_period": rows("honours", f"decided_on not between '{PERIOD[0]}' and '{PERIOD[1]}'"),
    "praised_by_somebody": rows("honours", "honour_kind in ('表扬', '表彰', '荣誉', '荣誉称号') and conferred_tier is null"),
}


def suspicions():
    """What is far from a unit's other branches, too round, too equal, copied or without a trace in the ledger."""
    least, limit = PEERS
    few, middle, tens, fives, equal = HEAPS
    pattern = "select * from {{ ref('patterns') }} where branches >= %d and %s\n"
    return {
        "far_from_the_median": f"""select l.* from {{{{ ref('branch_figures') }}}} as l
join {{{{ ref('peers') }}}} as p using (unit, indicator)
where p.branches >= {least} and 0.6745 * abs(l.value - p.middle) / nullif(p.deviation, 0) > {limit}
""",
        "mostly_the_most": pattern % (few, "at_most > 0.8"),
        "mostly_tens": pattern % (few, f"middle >= {middle} and by_10 > {tens}"),
        "mostly_fives": pattern % (few, f"middle >= {middle} and by_10 <= {tens} and by_5 > {fives}"),
        "mostly_equal": pattern % (few, f"middle >= {middle} and equal > {equal}"),
        "rows_alike": """select unit, branch_id from {{ ref('branch_rows') }} where filled >= 12
qualify min(branch_id) over (partition by told) != branch_id
""",
        "texts_alike": """select unit, name, words from (unpivot (select unit, main_practices, difficulties, next_plans
from {{ ref('stg_unit_figures') }}) on main_practices, difficulties, next_plans into name name value words)
where length(words) >= 40 qualify count(*) over (partition by name, words) > 1
""",
        "activities_without_ledger": """select b.unit, b.branch_id from {{ ref('stg_branches') }} as b
left join {{ ref('stg_activities') }} as a on a.unit = b.unit and a.branch_id = b.branch_id
where b.party_meetings + b.theme_days + b.volunteer_activities >= 4 and a.branch_id is null
and b.unit in (select unit from {{ ref('stg_activities') }})
""",
        **{
            f"{figure}_in_ledger": f"""select b.unit, b.branch_id, b.{figure}, l.entries from {{{{ ref('stg_branches') }}}} as b
join (select unit, branch_id, count(*) as entries from {{{{ ref('stg_activities') }}}}
where activity_kind in ({words(kinds)}) group by all) as l using (unit, branch_id) where b.{figure} != l.entries
"""
            for figure, kinds in LEDGER.items()
        },
    }


def models(numbers):
    """What several rules look at: figures one below the other, how a unit's branches lie, each row as one text."""
    listed = ", ".join(f'"{name}"' for name in numbers)
    text = ", ".join(f"coalesce(cast(\"{name}\" as varchar), '')" for name in numbers)
    filled = " + ".join(f'cast(coalesce("{name}", 0) != 0 as integer)' for name in numbers)
    return {
        "branch_figures": f"""unpivot (select unit, branch_id, {listed} from {{{{ ref('stg_branches') }}}}
where branch_kind = '普通党支部') on {listed} into name indicator value value
""",
        "peers": """select unit, indicator, count(*) as branches, median(value) as middle, mad(value) as deviation,
  avg(value) as mean, stddev_pop(value) as spread, min(value, 2) as lowest, max(value, 2) as highest
from {{ ref('branch_figures') }} group by all
""",
        "patterns": """select unit, indicator, count(*) as branches, median(value) as middle, max(times) / count(*) as equal,
  avg(cast(value % 10 = 0 as integer)) as by_10, avg(cast(value % 5 = 0 as integer)) as by_5,
  avg(cast(value = case indicator when 'attendance_rate' then 1 when 'room_haves' then 6 end as integer)) as at_most
from (select *, count(*) over (partition by unit, indicator, value) as times from {{ ref('branch_figures') }})
group by unit, indicator
""",
        "branch_rows": f"""select unit, branch_id, concat_ws('|', {text}) as told, {filled} as filled
from {{{{ ref('stg_branches') }}}}
""",
    }


def rules(types, choices, required):
    """{name of the test: its statement} of all rules."""
    return {**of_cells(types, choices, required), **BRANCHES, **UNITS, **LEDGER_ROWS, **HONOURS, **suspicions()}
