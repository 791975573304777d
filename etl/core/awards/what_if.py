"""A programme with other settings: what awards would come to if a quota or a mark were another."""

from collections.abc import Callable, Mapping
from typing import Any

from etl.core.programmes.programme import Programme

ASSUMED = {"origin": "assumed"}


def supposing(programme: Programme, year: int, changes: Mapping[str, str]) -> Programme:
    """The programme with some settings changed: `quota.<level>`, `pass_mark`, `pass_mark.<level>`, `min_members`.

    A quota is the year's: the plan's total grows with it where it must. ValueError or LookupError names what is not there.
    """
    raw = programme.model_dump(mode="json")
    for setting, text in changes.items():
        name, _, level = setting.partition(".")
        if name not in _CHANGE or not text.isdigit():
            raise ValueError(
                f"--what-if {setting}={text}: write quota.<level>=40, pass_mark=85 or min_members=5"
            )
        if level:
            programme.level(level)
        _CHANGE[name](raw, level, int(text), year)
    return Programme.model_validate(raw)


def _level(raw: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next((level for level in raw["levels"] if level["key"] == key), {})
    if not found:
        raise ValueError("quota: say of which level, quota.<level>=40")
    return found


def _quota(raw: dict[str, Any], key: str, value: int, year: int) -> None:
    level = _level(raw, key)
    quota = level["quota"] or {"total": value, "over_years": 1, "by_year": [], **ASSUMED}
    shares = [share for share in quota["by_year"] if share["year"] != year]
    total = max(quota["total"], value) if level["quota"] else value
    level["quota"] = {
        **quota,
        "total": total,
        "by_year": [*shares, {"year": year, "value": value, **ASSUMED}],
    }


def _pass_mark(raw: dict[str, Any], key: str, value: int, _year: int) -> None:
    if key:
        _level(raw, key)["pass_mark"] = {"value": value, **ASSUMED}
        return
    if raw["rubric"] is None:
        raise ValueError("pass_mark: the programme has no rubric")
    raw["rubric"]["pass_mark"] = {"versions": [{"value": value, **ASSUMED}]}
    for level in raw["levels"]:
        level["pass_mark"] = None


def _min_members(raw: dict[str, Any], _key: str, value: int, _year: int) -> None:
    eligibility = raw["eligibility"] or ASSUMED
    raw["eligibility"] = {**eligibility, "min_members": value}


_CHANGE: Mapping[str, Callable[[dict[str, Any], str, int, int], None]] = {
    "quota": _quota,
    "pass_mark": _pass_mark,
    "min_members": _min_members,
}
