"""Pure repairs of names: width, spaces, pinyin noise, Traditional characters."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# Zero-width characters, byte order marks, soft hyphens and direction marks: never seen, never meant.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_HAN = r"\u3007\u3400-\u9fff\U00020000-\U0003ffff"
_SPACE_BY_HAN = re.compile(rf"(?<=[{_HAN}])\s+|\s+(?=[{_HAN}])")

# Pinyin in brackets after a character is noise of a web converter (facts §5). A toned letter is
# proof; without one it must be a whole syllable of two letters or more, so that 支部(a), (ktv) stay.
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜêɡ"
_SYLLABLE = (
    r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])"
    r"(?:i?ang?|i?ong|[ei]ng?|u[ae]ng?|i?ao?|i?e|u?[ao]|u?ai|e?i|ou|iu|ui|un|[uü]e?|er?)"
)
_NOISE = re.compile(
    rf"(?<=[{_HAN}])\((?:[a-zü]*[{_TONED}][a-zü{_TONED}]*|(?:{_SYLLABLE}|an|en|er|ai|ei|ao|ou|ang))\)"
)
_LEFTOVER_PINYIN = re.compile(f"[{_TONED}]".replace("ê", ""))
_UNPRINTABLE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff\x00-\x08\x0b-\x1f]")

# In names 乾 is qián (乾县 610424, 乾安县 220723) and OpenCC would make it 干; only these words mean gān.
_QIAN = re.compile("(?<!餅)(?<!葡萄)乾(?![淨燥旱杯洗糧果枯])")


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc  # noqa: PLC0415 - loading its tables is only needed for text outside GB 2312

    return opencc.OpenCC("t2s")


def _only_gb2312(text: str) -> bool:
    """Whether every character stands in GB 2312, the Simplified set: then nothing is to be folded."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def to_simplified(text: str) -> str:
    """``text`` in Simplified characters; 乾 in names stays.

    >>> to_simplified("餘慶縣子營街道"), to_simplified("乾安縣"), to_simplified("乾县")
    ('余庆县子营街道', '乾安县', '乾县')
    """
    if text.isascii() or _only_gb2312(text):
        return text
    convert = _converter().convert
    pieces = _QIAN.split(text)
    return "乾".join(str(convert(piece)) if piece else "" for piece in pieces)


def fold_name(text: str) -> str:
    """A name in the one form in which names are compared: NFKC, no noise, Simplified (E18, facts §5).

    Spaces beside Chinese characters go; between Latin words one stays. Fold both sides of a match.

    >>> fold_name("　餘(yú)慶縣 第１党支部 ")
    '余庆县第1党支部'
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()
    if plain.isascii():
        return " ".join(plain.split())
    plain = _SPACE_BY_HAN.sub("", _NOISE.sub("", _SPACE_BY_HAN.sub("", plain)))
    return to_simplified(" ".join(plain.split()))


def fold_names(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    """``fold_name`` over a string array, null staying null; works on the distinct values only."""
    if isinstance(names, pa.ChunkedArray):
        names = names.combine_chunks()
    if not len(names):
        return names.cast(pa.string())
    encoded = pc.dictionary_encode(names)
    folded = [fold_name(name) for name in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(folded, pa.string()), encoded.indices)


def has_noise(text: str) -> bool:
    """Whether something remains that no repair takes away or that was never folded.

    True for private-use, replacement and control characters, pinyin letters with tone marks,
    Traditional characters.
    """
    if text.isascii():
        return _UNPRINTABLE.search(text) is not None
    plain = unicodedata.normalize("NFKC", text)
    if _UNPRINTABLE.search(plain) or _LEFTOVER_PINYIN.search(plain) or _NOISE.search(plain):
        return True
    return to_simplified(plain) != plain
