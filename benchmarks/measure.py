"""Measuring: seconds and peak memory of a command, medians, and a table of ratios with their goals."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

_BETWEEN_LOOKS = 0.02


@dataclass(frozen=True)
class Run:
    """One run of a command: wall and processor seconds, and what it printed last, as JSON."""

    seconds: float
    processor_seconds: float
    answer: Any
    together_megabytes: float

    @property
    def peak_megabytes(self) -> float:
        """The most that the command and the processes it started held at once, or it alone between two looks.

        What it says of its own peak: the parent's counts into what the system says of a child.
        """
        return max(float(self.answer["peak_megabytes"]), self.together_megabytes)


@dataclass(frozen=True)
class Comparison:
    """Ours beside another's; `ratio` is ours divided by the other's."""

    name: str
    unit: str
    ours: float
    other: float
    goal: float

    @property
    def ratio(self) -> float:
        return self.ours / self.other

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal


def timed(step: Callable[[], object]) -> float:
    """Wall seconds that a step takes."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def run_measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end; RuntimeError with its output if it fails. Its last line of output must be JSON.

    Whatever Python it runs may keep its byte code: without, each run of anybody compiles all that it imports.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(command), stdout=output, stderr=subprocess.STDOUT, env={**inherited, **(environment or {})}
        )
        with ThreadPoolExecutor(1) as watch:
            seen = watch.submit(_most_held_together, process.pid)
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{command[:3]} ended with {process.returncode}:\n{printed[-4000:]}")
    return Run(seconds, used.ru_utime + used.ru_stime, json.loads(printed.splitlines()[-1]), seen.result())


def _most_held_together(pid: int) -> float:
    """Megabytes that a process and all under it held at most, looked at until it ends; pages they share count for each."""
    import psutil  # whoever is measured imports this module too, and has no psutil

    def held(process: psutil.Process) -> int:
        with suppress(psutil.NoSuchProcess):  # it ended between two questions
            return int(process.memory_info().rss)
        return 0

    most = 0
    with suppress(psutil.NoSuchProcess):  # it has ended
        top = psutil.Process(pid)
        while top.status() != psutil.STATUS_ZOMBIE:
            most = max(most, sum(held(each) for each in (top, *top.children(recursive=True))))
            time.sleep(_BETWEEN_LOOKS)
    return most / 2**20


def middle(runs: Sequence[Run]) -> Run:
    """The run with the median of wall seconds (the lower of the two in the middle)."""
    return sorted(runs, key=lambda run: run.seconds)[(len(runs) - 1) // 2]


def median_seconds(work: Callable[[], object], repeat: int) -> float:
    """The median of `repeat` runs of `work`, after one that does not count."""
    work()
    return median(timed(work) for _ in range(repeat))


def report(title: str, comparisons: Sequence[Comparison], json_path: Path | None, **more: Any) -> None:
    """Print the comparisons as a table and, where a path is given, keep them as JSON with whatever else was measured."""
    print(f"\n{title}\n      ours     other   ratio    goal")
    for each in comparisons:
        verdict = "" if each.met else "   MISSED"
        print(
            f"{each.ours:10.3f}{each.other:10.3f}{each.ratio:8.3f}{each.goal:8.3f}  {each.name}, {each.unit}{verdict}"
        )
    if json_path:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        rows = [{**asdict(each), "ratio": round(each.ratio, 4), "met": each.met} for each in comparisons]
        content = {"title": title, "comparisons": rows, **more}
        json_path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def answer(content: dict[str, Any]) -> None:
    """What a measured script says last, with its peak memory."""
    peak = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    sys.stdout.write("\n" + json.dumps({**content, "peak_megabytes": int(peak.split()[1]) / 1024}) + "\n")
