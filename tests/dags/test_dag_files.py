"""What the DAG files promise before any task runs."""

import ast
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from airflow.serialization.serialized_objects import DagSerialization

from etl.airflow_support.words import OWN_PRESS, catalogue
from etl.errors import Bug, ConfigError, Retryable
from etl.tasks.mail import reminders_due
from etl.web.airflow_runs import ENDED_BY

REPO = Path(__file__).parents[2]
LOST = ("lost_raw", "lost_text", "lost_slices", "lost_documents", "lost_outbox")
DAG_FILES = sorted((REPO / "dags").glob("*.py"))
NAMES = {
    "gather_submissions": "收集县区报送",
    "rollup_prefecture": "州市汇总",
    "dispatch_half_year": "半年通报",
    "announce_returns": "更正登记",
    "mail_in": "收信处理",
    "remind_units": "催报",
    "annual": "年度评审、命名和表扬",
}


def test_every_file_parses_into_the_known_dags(bag):
    assert not bag.import_errors, "\n".join(bag.import_errors.values())
    assert {dag.dag_id: dag.dag_display_name for dag in bag.dags.values()} == NAMES


@pytest.mark.parametrize("dag_id", NAMES)
def test_a_dag_says_who_owns_it_and_what_to_do(bag, dag_id):
    dag = bag.dags[dag_id]
    assert dag.owner == "sanji-operators"
    assert "sanji" in dag.tags
    for heading in ("失败说明什么", "怎么办"):
        assert heading in dag.doc_md


@pytest.mark.parametrize("dag_id", NAMES)
def test_a_dag_survives_the_way_through_the_metadata_database(bag, dag_id):
    there = DagSerialization.to_dict(bag.dags[dag_id])
    back = DagSerialization.from_dict(there)
    assert back.timetable.partitioned == (dag_id not in ("announce_returns", "mail_in", "remind_units"))  # by the day
    assert sorted(back.task_ids) == sorted(bag.dags[dag_id].task_ids)


EDGES = {
    "gather_submissions": {
        "plan": {"gather", "all_read", "announce"},
        "gather": {"read", "report"},
        "read": {"all_read", "report"},
        "all_read": {"validate", "announce"},
        "validate": {"publish", "report"},
        "publish": {"announce", "letters", "report"},
        "announce": {"letters", "report"},
        "letters": set(),
        "report": set(),
    },
    "rollup_prefecture": {"roll_up": set()},
    "dispatch_half_year": {
        "wait_for_roll_ups": {"roll_up"},
        "roll_up": {"check"},
        "check": {"render"},
        "render": {"lint"},
        "lint": {"outbox", "kept_back"},
        "kept_back": set(),
        "outbox": {"sign"},
        "sign": {"countersign"},
        "countersign": {"dispatch"},
        "dispatch": {"left_behind"},
        "left_behind": set(),
    },
    "announce_returns": {
        "changed": {"anything", "announce", "told"},
        "anything": {"announce"},
        "announce": {"told"},
        "told": set(),
    },
    "mail_in": {"read_mailbox": set()},
    "remind_units": {"due": {"remind"}, "remind": set()},
    "annual": {
        "wait_until_closed": {"score"},
        "score": {"reviewed"},
        "reviewed": {"reviews_done"},
        "reviews_done": {"lists_1"},
        **{f"lists_{number}": {f"sign_lists_{number}", f"lists_{number + 1}"} for number in range(1, 4)},
        "lists_4": {"sign_lists_4", "award"},
        **{f"sign_lists_{number}": {f"lists_{number + 1}"} for number in range(1, 4)},
        "sign_lists_4": {"award"},
        "award": {"sign_notice", "notice", "wait_for_notices", "name"},
        "sign_notice": {"notice"},
        "notice": {"wait_for_notices"},
        "wait_for_notices": {"sign_naming"},
        "sign_naming": {"name"},
        "name": {"render"},
        "render": {"dispatch"},
        "dispatch": set(),
    },
}


@pytest.mark.parametrize("dag_id", NAMES)
def test_tasks_follow_one_another_in_one_direction(bag, dag_id):
    dag = bag.dags[dag_id]
    assert {task.task_id: set(task.downstream_task_ids) for task in dag.tasks} == EDGES[dag_id]


def test_a_failed_batch_fails_the_run_but_stops_nobody_else(bag):
    rules = {task.task_id: task.trigger_rule for task in bag.dags["gather_submissions"].tasks}
    assert rules["report"] == "all_success"
    assert {rules[name] for name in ("read", "all_read", "publish", "announce")} == {"all_done"}


def test_stages_are_mapped_and_named_in_chinese(bag):
    stages = [
        bag.dags["gather_submissions"].get_task(name) for name in ("gather", "read", "validate", "publish")
    ]
    assert all(stage.is_mapped for stage in stages)
    batch = SimpleNamespace(op_kwargs={"batch": {"name": "贵州省·遵义市"}})
    counts = {"received": 12, "late": 1, "missing": 2, "rows_accepted": 340, "rows_held": 3}
    named = {}
    for stage in stages:
        template = jinja2.Template(stage.partial_kwargs["map_index_template"], undefined=jinja2.StrictUndefined)
        assert template.render(task=batch) == "贵州省·遵义市"  # while it runs
        named[stage.task_id] = template.render(task=batch, counts=counts)
    assert named["gather"] == "贵州省·遵义市：收到12家，迟报1，未报2"
    assert named["publish"] == "贵州省·遵义市：采用340行，退回3行"


def test_papers_and_reminders_are_named_in_chinese_too(bag):
    annual, reminding = bag.dags["annual"], bag.dags["remind_units"].get_task("remind")
    named = annual.get_template_env().from_string(annual.get_task("render").partial_kwargs["map_index_template"])
    assert named.render(task=SimpleNamespace(op_kwargs={"report": "commendation_summary"})) == "年度表扬情况汇总"
    owed = SimpleNamespace(op_kwargs={"owed": reminders_due("2024-07-03")[0]})
    assert "2024年上半年" in jinja2.Template(reminding.partial_kwargs["map_index_template"]).render(task=owed)


@pytest.mark.parametrize("dag_id", NAMES)
def test_an_operator_reads_chinese_names_that_the_dags_page_uses(bag, dag_id):
    dag = bag.dags[dag_id]
    names = {task.task_id: task.task_display_name for task in dag.tasks}
    assert {task_id for task_id, name in names.items() if not re.fullmatch("[一-鿿0-9]+", name)} == set()
    assert len(set(names.values())) == len(names)
    told = {word for word in re.findall(r"`(\w+)`", dag.doc_md) if word in names}
    assert told == set(), "the page calls a task by a name that the grid does not show"


@pytest.mark.parametrize("dag_id", NAMES)
def test_a_task_says_in_chinese_what_red_means_and_what_to_press(bag, dag_id):
    """Without a page of its own a task shows its function's docstring, which is English."""
    for task in bag.dags[dag_id].tasks:
        for heading in ("红了说明什么", "怎么办"):
            assert f"**{heading}**：" in task.doc_md, task.task_id
        assert len(re.findall("[一-鿿]", task.doc_md)) > len(re.findall("[a-z]", task.doc_md)), task.task_id


def test_the_catalogue_tells_of_the_tasks_there_are_and_no_others(bag):
    assert catalogue()["dags"] == NAMES
    told = {dag_id: set(tasks) for dag_id, tasks in catalogue()["tasks"].items()}
    numbered = re.compile(r"(lists|sign_lists)_[1-4]")
    there = {dag_id: {numbered.sub(r"\1", task_id) for task_id in dag.task_ids} for dag_id, dag in bag.dags.items()}
    assert told == there
    of_errors = {*OWN_PRESS, "Unscored", "Dropped", "Refused", "Bug", *LOST}
    assert set(catalogue()["causes"]) == {*of_errors, *ENDED_BY.values(), "killed", "unknown"}


def test_a_planning_that_fails_is_the_only_red_step(bag):
    """Steps that run whatever became of those before them once broke on the missing plan, each with an error of its own."""
    module = sys.modules[bag.dags["gather_submissions"].get_task("plan").python_callable.__module__]
    assert module.finished(None, None) == []


def test_what_an_earlier_round_left_is_not_announced(bag):
    """As a running Airflow 3.3.2 left it: a batch failed when all was done again, nothing was validated, all was published."""
    module = sys.modules[bag.dags["gather_submissions"].get_task("announce").python_callable.__module__]
    batches = [{"programme": "a", "period": "2024H1", "batch_id": each, "publish": {}} for each in ("P1", "P2")]
    assert module.of_this_round([], batches) == module.of_this_round(None, batches) == []
    assert module.of_this_round([{**batches[0], "read": {}}], batches) == batches[:1]


@pytest.mark.parametrize("dag_id", NAMES)
def test_every_task_retries_a_machines_fault_only(bag, dag_id):
    for task in bag.dags[dag_id].tasks:
        policy = task.retry_policy
        assert task.retries == 3
        assert task.retry_delay >= timedelta(seconds=10)
        actions = {
            error: policy.evaluate(error(), try_number=1, max_tries=3).action.value
            for error in (Retryable, ConnectionResetError, ConfigError, Bug, KeyError)
        }
        assert actions == {
            Retryable: "retry", ConnectionResetError: "retry", ConfigError: "fail", Bug: "fail", KeyError: "fail",
        }


def test_parsing_loads_no_heavy_library():
    """The dag-processor parses these files every few seconds; a task loads what it needs itself."""
    code = (
        "import sys; from airflow.dag_processing.dagbag import DagBag; bag = DagBag(sys.argv[1]); "
        "assert len(bag.dags) == 7, bag.import_errors; "
        "print(sorted({'great_expectations', 'pandas', 'duckdb', 'typst', 'etl.tasks'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(REPO / "dags")],
        capture_output=True,
        text=True,
        cwd=REPO,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.name)
def test_a_dag_file_imports_only_airflows_public_surface(path):
    """`airflow.models`, `airflow.settings` and the like would reach for the metadata database."""
    imported = {
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.split(".")[0] in ("airflow", "sqlalchemy")
    }
    assert imported == {"airflow.sdk"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_airflows_own_rules_hold():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--preview", "--select", "AIR", "dags", "etl/airflow_plugin.py",
         "etl/airflow_support"],
        capture_output=True, text=True, cwd=REPO, check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_dispatch_that_waits_for_its_signature_holds_up_no_other(bag):
    """Five programmes end on the same days, and an operator may sign days later; only numbering editions is one at a time."""
    dag = bag.dags["dispatch_half_year"]
    assert dag.max_active_runs > 5
    assert dag.get_task("render").max_active_tis_per_dag == 1


SIGN_OFFS = {"reviews_done": ["评审完成", "退回补评"], "sign_notice": ["签发", "退回"], "sign_naming": ["签发", "退回"]}


@pytest.mark.parametrize("task_id", SIGN_OFFS)
def test_nothing_is_signed_off_by_waiting(bag, task_id):
    task = bag.dags["annual"].get_task(task_id)
    assert task.options == SIGN_OFFS[task_id]
    assert task.defaults == [SIGN_OFFS[task_id][1]]
    assert task.response_timeout == timedelta(days=30)


def test_the_document_number_is_asked_for_where_the_naming_is_signed(bag):
    assert list(bag.dags["annual"].get_task("sign_naming").params) == ["document_number"]


def test_the_steps_of_a_year_hand_on_counts_and_never_names(bag):
    """`counted` is what keeps sentences, which may name branches, out of XCom."""
    module = sys.modules[bag.dags["annual"].get_task("score").python_callable.__module__]
    assert module.counted({"titles": 2, "said": ["甲支部…", "乙支部…"], "run": "r1"}) == {"titles": 2, "said": 2, "run": "r1"}


def test_whole_lists_are_signed_off_a_place_each_by_round(bag):
    """A round is for a tier; where no list waits its sign-offs are skipped, which must not skip what follows."""
    dag = bag.dags["annual"]
    rounds = [dag.get_task(f"sign_lists_{number}") for number in range(1, 5)]
    assert all(each.is_mapped for each in rounds)
    assert {each.partial_kwargs["map_index_template"] for each in rounds} == {"{{ task.listed['name'] }}"}
    after = [*(dag.get_task(f"lists_{number}") for number in range(1, 5)), dag.get_task("award")]
    assert {each.trigger_rule for each in after} == {"none_failed"}
    assert dag.get_task("reviews_done").ignore_downstream_trigger_rules


def test_no_list_is_signed_off_by_waiting():
    from etl.airflow_support.sign_off import ListSignOff  # noqa: PLC0415  after Airflow's settings are set

    listed = {"tier": "county", "node_id": "P530102", "code": "530102", "title": "五华区（县）", "branches": 2, "levels": {}}
    asked = ListSignOff(task_id="one", listed=listed)
    assert asked.options == ["签发", "退回", "逐个评审"]
    assert asked.defaults == ["逐个评审"]
    assert asked.response_timeout == timedelta(days=30)
    assert sorted(asked.params) == ["level", "reason", "shown"]
