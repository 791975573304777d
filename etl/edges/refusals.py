"""What a person reads whose explanation or waiver was not kept (templates/common/refusals.zh-CN.yaml)."""

from collections.abc import Mapping
from functools import cache

from pydantic import TypeAdapter

from etl.core.returns.explanations import Refused
from etl.edges.templates import TEMPLATES
from etl.edges.yaml_files import read_model


@cache
def refusal_words() -> dict[str, str]:
    """Reason → Chinese sentence."""
    return read_model(TEMPLATES / "common" / "refusals.zh-CN.yaml", TypeAdapter(dict[str, str]).validate_python)


def refusal_text(refused: Refused, tier_names: Mapping[str, str]) -> str:
    """The sentence for one refusal; `tier_names`: what the programme calls its tiers."""
    return refusal_words()[refused.reason].format(tier=tier_names.get(refused.needed, ""))
