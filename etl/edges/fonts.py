"""Which fonts this machine has, which of them a document uses, and which characters they cannot draw.

Typst only warns about a missing family and leaves a box for a missing character; both are settled here before a
page is set. The families wanted stand in ``templates/common/fonts.yaml``.
"""

import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from fontTools.ttLib import TTCollection, TTFont

from etl.core.programmes.indicators import Model
from etl.edges.templates import TEMPLATES
from etl.edges.yaml_files import read_model
from etl.errors import ConfigError

FONT_TABLE = TEMPLATES / "common" / "fonts.yaml"
WHEEL_FOLDER = Path(pylopdf_fonts_zh_cn.__file__).parent

# Drawn by no font: line ends, spaces and invisible joiners.
_INVISIBLE = frozenset("\n\r\t \u00a0\u2003\u3000\u200b\u2060")


_TEXT_SHOWN = 40
"""Characters of the text around a missing one that are told with its place."""


class FontUse(Model):
    """One use of type as it is wanted: its families, best first."""

    weight: int
    families: tuple[str, ...]


class FontTable(Model):
    """The file fonts.yaml. `heavy`: families that are drawn heavy; `word`: the faces that Word is told, by use; a machine
    without them takes its own."""

    roles: Mapping[str, FontUse]
    heavy: tuple[str, ...]
    word: Mapping[str, str]


@functools.cache
def font_table() -> FontTable:
    """Which faces are wanted; ConfigError if the file does not load."""
    return read_model(FONT_TABLE, FontTable.model_validate)


class MissingFontError(ConfigError):
    """A role of the font table has no family on this machine."""


class MissingGlyphError(ValueError):
    """Characters that no font of the chain can draw, each with the place in the model where it stands first."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        self.missing = dict(missing)
        shown = "; ".join(f"{c} (U+{ord(c):04X}) at {place}" for c, place in self.missing.items())
        super().__init__(f"no font on this machine draws: {shown}")


@dataclass(frozen=True)
class Role:
    """One use of type: its families, best first; `thicken` when bold is wanted and none of them has it."""

    families: tuple[str, ...]
    weight: int
    thicken: bool


@dataclass(frozen=True)
class FontChain:
    """The fonts documents are set in: folders to read, a Role a use, and the characters every role can draw."""

    folders: tuple[Path, ...]
    roles: tuple[tuple[str, Role], ...]
    coverage: frozenset[int]

    def settings(self) -> dict[str, dict[str, Any]]:
        """The roles as the templates read them."""
        return {
            name: {"families": list(role.families), "weight": role.weight, "thicken": role.thicken}
            for name, role in self.roles
        }


def resolve_fonts(folder: Path | None = None, include_system: bool = True) -> FontChain:
    """The chain this machine can offer: the wheel's fonts, those in `folder`, and the system's.

    Raises MissingFontError if a role finds none of its families, which a healthy installation cannot meet, and ConfigError
    without `folder`: reports would be drawn with other fonts, and so be others.
    """
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"there is no folder of fonts {folder}: make it with `make fonts`, or leave SANJI_FONTS_DIR unset")
    folders = (WHEEL_FOLDER, *([folder] if folder is not None else []))
    faces = typst.Fonts(
        include_system_fonts=include_system,
        include_embedded_fonts=False,
        font_paths=[str(path) for path in folders],
    ).fonts()
    by_family: dict[str, list[Any]] = {}
    for face in faces:
        by_family.setdefault(face.family, []).append(face)
    table = font_table()
    roles = {name: _role(name, wanted, by_family, table.heavy) for name, wanted in table.roles.items()}
    drawn = [
        frozenset().union(*(_characters(Path(f.path), f.index) for f in _first_faces(role, by_family)))
        for role in roles.values()
    ]
    return FontChain(folders, tuple(roles.items()), frozenset.intersection(*drawn))


def _role(name: str, wanted: FontUse, by_family: dict[str, list[Any]], heavy: Collection[str]) -> Role:
    families = tuple(family for family in wanted.families if family in by_family)
    if not families:
        raise MissingFontError(f"no font for {name}: none of {', '.join(wanted.families)} is installed")
    first = families[0]
    weights = {face.weight for face in by_family[first]}
    is_heavy = first in heavy
    weight = 400 if is_heavy else wanted.weight
    return Role(families, weight, thicken=weight >= 600 and max(weights) < 600)


def _first_faces(role: Role, by_family: dict[str, list[Any]]) -> Iterator[Any]:
    for family in role.families:
        yield by_family[family][0]


@functools.cache
def _characters(path: Path, index: int) -> frozenset[int]:
    """The code points a font file maps (face `index` of a collection)."""
    if path.suffix.lower() in (".ttc", ".otc"):
        with TTCollection(path, lazy=True) as collection:
            return frozenset(collection.fonts[index].getBestCmap())
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def require_glyphs(model: Mapping[str, object], fonts: FontChain) -> None:
    """Nothing, if every character of the model's texts can be drawn by every role.

    Raises MissingGlyphError naming each character that cannot, and where it stands in the model.
    """
    missing: dict[str, str] = {}
    for place, text in _texts(model, ""):
        for character in frozenset(text) - _INVISIBLE:
            if ord(character) not in fonts.coverage:
                missing.setdefault(character, f"{place} “{text[:_TEXT_SHOWN]}”")
    if missing:
        raise MissingGlyphError(missing)


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{position}]")
