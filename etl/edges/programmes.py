"""Programme folders: the ones shipped in the package, and those of a folder outside it."""

import csv
import datetime as dt
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from etl.core.judging.corrections import Correction, CorrectionFile
from etl.core.judging.rules import Suite, distinct
from etl.core.mail.offices import Offices
from etl.core.period import Period
from etl.core.programmes.bounds import Threshold
from etl.core.programmes.forms import Forms, OwnForms, build_layout
from etl.core.programmes.indicators import IndicatorCatalogue, build_catalogue
from etl.core.programmes.layout import Layout
from etl.core.programmes.programme import Programme
from etl.core.register import Register, SideUnit, build_register, titles_nowhere
from etl.edges.reference import load_places
from etl.edges.yaml_files import read_model
from etl.errors import ConfigError, Misuse

SHIPPED = Path(__file__).parent.parent / "programmes"
NO_SUITES = frozenset({"reading.yaml", "documents.yaml"})
EXPECTATIONS = Path(__file__).parent.parent.parent / "expectations"


@dataclass(frozen=True)
class Bundle:
    """A programme with everything that its folder says."""

    programme: Programme
    catalogue: IndicatorCatalogue
    forms: Forms
    own_forms: OwnForms
    side_units: tuple[SideUnit, ...]
    corrections: tuple[Correction, ...] = ()

    def layout(self, period: Period) -> Layout:
        """The layout in force in a period."""
        return build_layout(self.programme, self.catalogue, self.forms, self.own_forms, period)

    def corrections_in(self, period: Period) -> tuple[Correction, ...]:
        """The declared corrections of a period. ConfigError if one names a unit or a column that there is not."""
        mine = tuple(each for each in self.corrections if each.holds_in(period))
        if mine:
            units = {unit.unit_id for unit in self.register(period).units}
            columns = {(table.key, column.key) for table in self.layout(period).tables for column in table.columns}
            for each in mine:
                if each.unit not in units or (each.table, each.column) not in columns:
                    raise ConfigError(f"corrections.yaml: no {each.unit} {each.table} {each.column} in {period}")
        return mine

    def register(self, period: Period) -> Register:
        """Who must report in a period, on the map of its last day. ConfigError for a top or a side unit that is not on it."""
        places = load_places().for_period(period)
        try:
            return build_register(self.programme, places, self.side_units, period)
        except ValueError as error:
            raise ConfigError(f"{self.programme.programme}, {period}: {error}") from error


def programme_folders(more: Path | None = None) -> dict[str, Path]:
    """Programme key → folder; a folder outside the package may not reuse a shipped key."""
    if more and not more.is_dir():
        raise ConfigError(f"there is no folder of programmes {more}: see SANJI_PROGRAMMES_DIR, or --programmes-dir")
    found: dict[str, Path] = {}
    for root in (SHIPPED, *([more] if more else [])):
        for path in sorted(root.glob("*/programme.yaml")):
            if path.parent.name in found:
                raise ConfigError(f"programme {path.parent.name} stands in {root} and in the package")
            found[path.parent.name] = path.parent
    return found


@cache
def load_bundle(key: str, more: Path | None = None) -> Bundle:
    """The programme of that key. Misuse if there is none, ConfigError if it does not load."""
    folders = programme_folders(more)
    if key not in folders:
        raise Misuse(f"unknown programme {key}; there are: {', '.join(folders)}")
    folder = folders[key]
    own_forms = folder / "forms.yaml"
    try:
        bundle = Bundle(
            programme=read_model(folder / "programme.yaml", Programme.model_validate),
            catalogue=_catalogue(folder / "indicators.yaml"),
            forms=read_model(SHIPPED / "forms.yaml", Forms.model_validate),
            own_forms=read_model(own_forms, OwnForms.model_validate) if own_forms.exists() else OwnForms(),
            side_units=tuple(_side_units(folder / "units.csv")),
            corrections=_corrections(folder / "corrections.yaml"),
        )
        _check(bundle, key)
    except (ConfigError, ValueError) as error:
        raise ConfigError(f"{folder.name}: {error}") from error
    return bundle


def _catalogue(own: Path) -> IndicatorCatalogue:
    """The shared catalogue, with the programme's own indicators if it has any."""
    shared = read_model(SHIPPED / "indicators.yaml", build_catalogue)
    return read_model(own, partial(_with_own, shared)) if own.exists() else shared


def _with_own(shared: IndicatorCatalogue, raw: Mapping[str, Any]) -> IndicatorCatalogue:
    """The shared catalogue with a programme's own indicators, which may use the shared units."""
    units = {**{key: unit.model_dump() for key, unit in shared.units.items()}, **raw.get("units", {})}
    own = build_catalogue({**raw, "units": units})
    return shared.merged(own)


def _check(bundle: Bundle, key: str) -> None:
    if bundle.programme.programme != key:
        raise ValueError(f"the folder {key} holds the programme {bundle.programme.programme}")
    known = bundle.catalogue.indicators
    unknown = [f"{use.key}{_like(use.key, known)}" for use in bundle.programme.indicators if use.key not in known]
    if unknown:
        raise ValueError(f"unknown indicators: {', '.join(unknown)}")
    uncounted = [key for key, each in bundle.programme.thresholds.items() if each.each_quarter and not _in_ledger(bundle, each)]
    if uncounted:
        raise ValueError(f"each_quarter of a figure that no ledger counts: {', '.join(uncounted)}")
    if any(level.titles for level in bundle.programme.levels):
        nowhere = [f"{level} has one for {code}" for level, code in titles_nowhere(bundle.programme, load_places())]
        if nowhere:
            raise ValueError(f"titles of places that the level's tier does not have: {', '.join(nowhere)}")


def _in_ledger(bundle: Bundle, threshold: Threshold) -> bool:
    return bundle.catalogue.indicators[threshold.by_the_quarter() or ""].ledger_kind is not None


def _like(key: str, known: Iterable[str]) -> str:
    """What may have been meant."""
    close = difflib.get_close_matches(key, list(known), n=1)
    return f" (like {close[0]})" if close else ""


def _corrections(path: Path) -> tuple[Correction, ...]:
    return read_model(path, CorrectionFile.model_validate).corrections if path.exists() else ()


def _side_units(path: Path) -> Iterator[SideUnit]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            since, until = (
                dt.date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to")
            )
            yield SideUnit(row["code"], row["name"], row["kind"], row["reports_to"], since, until)


@cache
def load_rules(folder: Path = EXPECTATIONS) -> tuple[Suite, ...]:
    """The suites of `expectations/` or another folder (all files but NO_SUITES). ConfigError if one does not load."""
    files = [path for path in sorted(folder.glob("*.yaml")) if path.name not in NO_SUITES]
    if not files:
        raise ConfigError(f"{folder} holds no suites")
    try:
        return distinct(read_model(path, Suite.model_validate) for path in files)
    except ValueError as error:
        raise ConfigError(str(error)) from error


@cache
def load_offices(more: Path | None = None) -> Offices:
    """The offices that receive reports: of the folder with a bureau's own programmes if it lists any, else the assumed ones.

    ConfigError for a list that does not load.
    """
    own = more / "offices.yaml" if more else None
    path = own if own and own.exists() else SHIPPED / "offices.yaml"
    try:
        return read_model(path, Offices.model_validate)
    except ConfigError as error:
        raise ConfigError(f"{path.parent}/{error}") from error  # there are two of that name
