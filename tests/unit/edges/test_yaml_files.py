"""Configuration that does not load is told with its file, line and key, so that nobody looks for it."""

import re
from pathlib import Path

import pytest

from etl.core.programmes.indicators import Model
from etl.core.programmes.sourced import Dated
from etl.edges.yaml_files import read_model, read_yaml
from etl.errors import ConfigError


class Shelf(Model):
    """What a line of the file below says."""

    name: str
    places: int = 1
    weight: Dated[int] | None = None


class Room(Model):
    """The file below."""

    title: str
    shelves: tuple[Shelf, ...] = ()


CODE = Path(__file__).parents[3] / "etl"
GOOD = "title: 书房\nshelves:\n  - {name: 上}\n  - name: 下\n    places: 3\n    weight: {value: 5, origin: seed}\n"


def _refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "room.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_model(path, Room.model_validate)
    return str(refused.value)


def test_a_file_without_faults_is_its_model(tmp_path: Path) -> None:
    (tmp_path / "room.yaml").write_text(GOOD, encoding="utf-8")
    assert read_model(tmp_path / "room.yaml", Room.model_validate).shelves[1].places == 3


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("places:", "palces:", "line 5: shelves.1.palces is not known"),
        ("{name: 上}", "{places: 2}", "line 3: shelves.0.name is missing"),
        ("places: 3", "places: three", "line 5: shelves.1.places Input should be a valid integer"),
        ("value: 5", "value: five", "line 6: shelves.1.weight.versions.0.value Input should be a valid integer"),
        ("title: 书房\n", "title: 书房\ntitle: 厨房\n", "line 2, column 1"),
    ],
)
def test_a_fault_is_told_with_its_line_and_key(tmp_path: Path, was: str, becomes: str, told: str) -> None:
    assert GOOD.count(was) == 1
    said = _refusal(tmp_path, GOOD.replace(was, becomes))
    assert said.startswith("room.yaml")
    assert told in said


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "room.yaml, line 1: the file is empty; write lines of `key: value`"),
        (b"# title: x\n", "room.yaml, line 1: the file is empty; write lines of `key: value`"),
        (b"- title: x\n", "room.yaml, line 1: the file holds no keys at its top; write lines of `key: value`"),
        (b"title\n", "room.yaml, line 1: the file holds no keys at its top; write lines of `key: value`"),
        ("title: 书房\n".encode("gb18030"), "room.yaml: is not UTF-8; save it so"),
    ],
)
def test_a_file_that_holds_no_keys_or_is_not_utf_8_is_told_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "room.yaml"
    path.write_bytes(content)
    for read in (read_yaml, lambda each: read_model(each, dict)):
        with pytest.raises(ConfigError) as refused:
            read(path)
        assert str(refused.value) == told


def test_configuration_is_read_in_one_way_so_that_its_faults_are_told_in_one_way() -> None:
    reads = re.compile(r"strict_yaml|^(?:import|from) yaml", re.MULTILINE)
    readers = [path.name for path in CODE.rglob("*.py") if reads.search(path.read_text(encoding="utf-8"))]
    assert sorted(readers) == ["strict_yaml.py", "yaml_files.py"]


def test_all_faults_are_told_and_of_very_many_the_first(tmp_path: Path) -> None:
    assert _refusal(tmp_path, "tilte: x\n") == "room.yaml, line 1: title is missing; line 1: tilte is not known"
    many = _refusal(tmp_path, "title: x\nshelves:\n" + "  - {places: 2}\n" * 11)
    assert many.endswith("line 10: shelves.7.name is missing; and 3 more")
