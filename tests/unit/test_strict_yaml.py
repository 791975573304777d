"""YAML as we read it: text stays text, keys are written once."""

from datetime import date

import pytest
import yaml

from etl.core.strict_yaml import load


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("010101", "010101"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("True", "True"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("+5", "+5"),
        (".5", ".5"),
        (".nan", ".nan"),
        ("2018-1-1", "2018-1-1"),
        ("2018-01-01 08:00:00", "2018-01-01 08:00:00"),
        ("'12'", "12"),
        ("'2018-01-01'", "2018-01-01"),
        ("不小于0", "不小于0"),
        ("0", 0),
        ("-12", -12),
        ("0.953", 0.953),
        ("1.5e-3", 0.0015),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2018-06-30", date(2018, 6, 30)),
    ],
)
def test_only_the_plainest_spellings_are_other_than_text(written: str, read: object) -> None:
    value = load(f"key: {written}\n")["key"]
    assert value == read
    assert type(value) is type(read)


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "top:\n  - {x: 1, x: 1}\n", "2018-01-01: a\n2018-01-01: b\n"]
)
def test_a_key_written_twice_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="written twice"):
        load(text)


def test_the_message_names_the_line() -> None:
    with pytest.raises(yaml.YAMLError, match="line 3"):
        load("a: 1\nb: 2\na: 3\n")


def test_a_day_that_does_not_exist_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="2018-02-30"):
        load("since: 2018-02-30\n")


@pytest.mark.parametrize(
    "text", ["a: 1\n---\nb: 2\n", "!!python/object/apply:os.getcwd []\n", "[a]: 1\n", "a: [1\n"]
)
def test_other_documents_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load(text)


def test_aliases_and_long_text_work() -> None:
    text = "a: &x {n: 1}\nb: *x\nc: |\n  one\n  two\n"
    assert load(text) == {"a": {"n": 1}, "b": {"n": 1}, "c": "one\ntwo\n"}


def test_other_loaders_are_left_alone() -> None:
    assert yaml.safe_load("a: 010101") == {"a": 0o10101}
