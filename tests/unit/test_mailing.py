"""Keys and moves of messages."""

import pytest

from etl.core.mailing import LEFT, MOVES, STATES, key_of_message_id, message_id, message_key


def test_a_key_stands_for_kind_subject_recipient_and_part() -> None:
    key = message_key("edition", "e1", "office@kunming.example")
    assert key == message_key("edition", "e1", "OFFICE@kunming.example")
    others = [
        message_key("erratum", "e1", "office@kunming.example"),
        message_key("edition", "e2", "office@kunming.example"),
        message_key("edition", "e1", "other@kunming.example"),
        message_key("edition", "e1", "office@kunming.example", part=2),
    ]
    assert len({key, *others}) == 5


def test_an_unknown_kind_has_no_key() -> None:
    with pytest.raises(ValueError, match="no kind of message postcard"):
        message_key("postcard", "e1", "office@kunming.example")


def test_a_key_comes_back_out_of_its_message_id() -> None:
    key = message_key("edition", "e1", "office@kunming.example")
    assert key_of_message_id(message_id(key, "data.example")) == key


@pytest.mark.parametrize("text", ["", "<>", "<CAF+x@mail.example>", "<" + "g" * 32 + "@data.example>"])
def test_another_mail_programs_id_is_none_of_ours(text: str) -> None:
    assert key_of_message_id(text) is None


def test_every_state_but_the_first_can_be_reached_and_no_way_leads_back_from_having_left() -> None:
    assert set(MOVES) == set(STATES) - {"queued"}
    not_left = set(STATES) - set(LEFT)
    assert {(was, to) for to in not_left & set(MOVES) for was in MOVES[to] if was in LEFT} == set()
