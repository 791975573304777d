"""Listings of what a year came to: commendations by kind and tier."""

import pandas as pd

from etl.errors import Misuse
from etl.stages.commend import commended
from etl.stages.context import open_year


def commendations_listing(programme: str, period: str, place: str | None) -> pd.DataFrame:
    """Counts of one place (the top without a code), one row a kind, recipient kind and tier; counts only, no names.

    Misuse if the code is not in the programme.
    """
    context = open_year(programme, period)
    code = place or context.register.top.code
    nodes = [
        node.node_id
        for node in context.register.nodes
        if node.code == code and not node.node_id.endswith("-own")
    ]
    if not nodes:
        raise Misuse(f"no place {code} in {programme} {period}")
    counts = commended(context).counts
    return counts[counts["node_id"].isin(nodes)].drop(columns=["node_tier", "node_id"])
