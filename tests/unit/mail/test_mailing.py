"""Keys and moves of messages."""

import base64

import pytest

from etl.core.mail.mailing import (
    LEFT,
    MOVES,
    STATES,
    base64_size,
    key_of_message_id,
    key_of_token,
    message_id,
    message_key,
    reply_token,
    share_out,
    token_of,
    with_token,
)


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


SECRET = b"secret"


def test_a_token_names_its_key_and_only_its_maker_can_make_it() -> None:
    key = message_key("feedback", "s", "office@kunming.example")
    token = reply_token(key, SECRET)
    assert key_of_token(token.upper(), SECRET) == key
    assert len(token) == 42  # with the name before the plus sign within the 64 characters of a local part
    other = reply_token(message_key("feedback", "t", "office@kunming.example"), SECRET)
    for forged in (reply_token(key, b"guess"), token[:26] + other[26:], token[:-1], token + "a", "", "不是"):
        assert key_of_token(forged, SECRET) is None


def test_a_token_travels_in_the_address() -> None:
    assert with_token("sanji@data.example", "abc") == "sanji+abc@data.example"
    assert [token_of(text) for text in ("sanji+abc@data.example", "sanji@data.example", "")] == ["abc", "", ""]


LINE = base64_size(57)
"""Bytes that an attachment of one base64 line takes."""

SHARED = {
    "no limit": ([9_000_000, 9_000_000], None, [[0, 1]], []),
    "all fit": ([1_000_000, 1_000_000], 3_000_000, [[0, 1]], []),
    "one each": ([1_000_000, 1_000_000], 2_000_000, [[0], [1]], []),
    "order is kept, room is not left over": ([1_000_000, 1_500_000, 100_000], 2_400_000, [[0], [1, 2]], []),
    "one too large": ([3_000_000, 100_000], 2_000_000, [[1]], [0]),
    "all too large": ([3_000_000], 2_000_000, [[]], [0]),
    "none": ([], 2_000_000, [[]], []),
    "one just fits": ([57], 50_000 + LINE, [[0]], []),
    "one just does not": ([57], 50_000 + LINE - 1, [[]], [0]),
    "two just fit": ([57, 57], 50_000 + 2 * LINE, [[0, 1]], []),
    "two just do not": ([57, 57, 57], 50_000 + 2 * LINE - 1, [[0], [1], [2]], []),
}


@pytest.mark.parametrize("case", SHARED)
def test_how_attachments_share_messages(case: str) -> None:
    sizes, limit, parts, too_large = SHARED[case]
    assert share_out(sizes, 50_000, limit) == (parts, too_large)


@pytest.mark.parametrize("size", [0, 1, 57, 58, 100_000, 1_000_003])
def test_the_size_of_a_part_is_never_less_than_it_is(size: int) -> None:
    assert base64_size(size) >= len(base64.encodebytes(bytes(size)).replace(b"\n", b"\r\n"))
