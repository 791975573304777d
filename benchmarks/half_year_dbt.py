"""The same half-year in dbt on DuckDB: models that type, check and add up CSV files, and our rules as tests over them.

    python -m benchmarks.half_year_dbt FOLDER HEADINGS.json

Runs in the peers' environment. FOLDER holds branches.csv, unit_figures.csv, activities.csv and honours.csv with our
column names and a column `unit`: dbt reads no workbooks, so it is given what our reading made of them. Rows that fail are
kept, as ours are.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks import half_year_dbt_rules
from benchmarks.half_year_dbt_rules import NUMBERS, PART_OF
from benchmarks.measure import answer

PROJECT = """name: half_year
version: "1.0"
profile: half_year
model-paths: [models]
test-paths: [tests]
models: {half_year: {+materialized: table}}
"""
PROFILE = """half_year:
  target: here
  outputs: {here: {type: duckdb, path: "%s", threads: 2}}
"""


WORDS = "[,，约近余多人次户件个元场条%]"


def staging(path, types):
    """A model that types one CSV file."""
    columns = []
    for name, kind in types.items():
        text = f'trim("{name}")'
        if kind in NUMBERS:
            digits = f"regexp_replace(translate({text}, '０１２３４５６７８９', '0123456789'), '{WORDS}', '', 'g')"
            of_percent = f"if(ends_with({text}, '%'), 100, 1)" if kind == "share" else "1"
            columns += [f'try_cast({digits} as decimal(18, 4)) / {of_percent} as "{name}"', f'{text} as "raw_{name}"']
        elif kind == "date":
            day = f"replace(replace(replace({text}, '年', '-'), '月', '-'), '日', '')"
            columns.append(
                f"coalesce(try_cast({day} as date), try_strptime({day}, '%Y-%m-%d')) as \"{name}\""
            )
            columns.append(f'{text} as "raw_{name}"')
        else:
            columns.append(f"nullif({text}, '') as \"{name}\"")
    listed = ",\n  ".join(["unit", "row_number", *columns])
    return f"select\n  {listed}\nfrom read_csv('{path}', all_varchar = true, header = true)\n"


def totals(numbers):
    """Sums, medians and ranks of every number at three tiers."""
    unpivoted = ", ".join(f'"{name}"' for name in numbers)
    return f"""with long as (
  unpivot (select unit, {unpivoted} from {{{{ ref('accepted_branches') }}}}) on {unpivoted} into name indicator value value
), tiers as (
  select 'county' as tier, unit as code, indicator, value from long
  union all select 'prefecture', left(unit, 4), indicator, value from long
  union all select 'province', left(unit, 2), indicator, value from long
)
select tier, code, indicator, sum(value) as value, median(value) as middle,
  row_number() over (partition by tier, indicator order by sum(value) desc, code) as rank_in_tier
from tiers group by tier, code, indicator
"""


def accepted(numbers):
    """The branches' rows without those that a check fails."""
    wrong = [f'coalesce("{name}" < 0, false)' for name in numbers]
    wrong += [f'coalesce("{a}" > "{b}", false)' for a, b in PART_OF]
    return (
        "select * from {{ ref('stg_branches') }} where branch_id is not null and not ("
        + " or ".join(wrong)
        + ")\nqualify row_number() over (partition by branch_id order by unit, row_number) = 1\n"
    )


GENERIC = """version: 2
models:
  - name: stg_branches
    columns:
      - {name: branch_id, tests: [not_null, unique]}
      - {name: branch_name, tests: [not_null]}
  - name: stg_activities
    columns:
      - {name: branch_id, tests: [not_null, {relationships: {to: ref('stg_branches'), field: branch_id}}]}
      - {name: held_on, tests: [not_null]}
      - {name: activity_kind, tests: [not_null]}
  - name: stg_honours
    columns:
      - {name: honour_kind, tests: [not_null]}
      - {name: recipient, tests: [not_null]}
"""


def write_project(folder, types, choices, required):
    """The project's files."""
    numbers = [name for name, kind in types["branches"].items() if kind in NUMBERS]
    models = {f"stg_{name}": staging(folder / f"{name}.csv", columns) for name, columns in types.items()}
    models |= half_year_dbt_rules.models(numbers)
    models |= {"accepted_branches": accepted(numbers), "totals": totals(numbers), "ledger": LEDGER}
    for place, statements in (("models", models), ("tests", half_year_dbt_rules.rules(types, choices, required))):
        shutil.rmtree(folder / place, ignore_errors=True)
        (folder / place).mkdir()
        for name, statement in statements.items():
            (folder / place / f"{name}.sql").write_text(statement)
    (folder / "models" / "schema.yml").write_text(GENERIC)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE % (folder / "half_year.duckdb"))


LEDGER = """select unit, activity_kind, count(*) as entries, sum(attendance_present) as people
from {{ ref('stg_activities') }} group by all
"""


def main():
    """Write the project, run it, test it; failing tests are what it is for."""
    folder, headings = Path(sys.argv[1]), Path(sys.argv[2])
    spoken = json.loads(headings.read_text("utf-8"))
    write_project(folder, spoken["types"], spoken["choices"], spoken["required"])
    dbt = Path(sys.executable).with_name("dbt")
    place = ["--project-dir", str(folder), "--profiles-dir", str(folder), "--quiet"]
    (folder / "half_year.duckdb").unlink(missing_ok=True)
    subprocess.run([dbt, "run", *place], check=True)
    tested = subprocess.run([dbt, "test", "--store-failures", *place], check=False, capture_output=True, text=True)
    if tested.returncode not in (0, 1):
        sys.exit(tested.stdout + tested.stderr)
    broken = [line for line in tested.stdout.splitlines() if " Error in test" in line]
    if broken:
        sys.exit(tested.stdout)
    answer({"tests": len(list((folder / "tests").iterdir())), "tests_failed": tested.returncode == 1})


if __name__ == "__main__":
    main()
