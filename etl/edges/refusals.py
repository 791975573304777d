"""What a person reads whose explanation or waiver was not kept (templates/common/refusals.zh-CN.yaml)."""

from collections.abc import Mapping
from functools import cache

from etl.core import strict_yaml
from etl.core.explanations import Refused
from etl.edges.templates import TEMPLATES


@cache
def refusal_words() -> dict[str, str]:
    """Reason → Chinese sentence."""
    path = TEMPLATES / "common" / "refusals.zh-CN.yaml"
    words: dict[str, str] = strict_yaml.load(path.read_text(encoding="utf-8"))
    return words


def refusal_text(refused: Refused, tier_names: Mapping[str, str]) -> str:
    """The sentence for one refusal; `tier_names`: what the programme calls its tiers."""
    return refusal_words()[refused.reason].format(tier=tier_names.get(refused.needed, ""))
