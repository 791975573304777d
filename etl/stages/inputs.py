"""What an edition is made from: the slices of its periods, the programme, the code; kept so that it can be explained."""

import hashlib
import json
from importlib.metadata import version
from typing import Any, Final

from etl.core.period import Period
from etl.core.rows import EditionRow
from etl.edges.landing import Landing
from etl.edges.store.proofs import inputs_path
from etl.edges.store.results import slices_of
from etl.errors import Misuse
from etl.stages.context import Context

Row = dict[str, Any]
_SLICE: Final = ("unit_id", "table_name", "receipt_id", "path")


def keep_inputs(context: Context, drawn_with: str) -> str:
    """Keep the list of what editions made now are made from; gives back its path, the same for the same inputs."""
    programme, period = context.bundle.programme, context.period
    inputs = {
        "programme": context.key[0],
        "period": str(period),
        "programme_digest": _digest(programme.model_dump_json(), context.bundle.catalogue.model_dump_json()),
        "code": version("sanji"),
        "drawn_with": drawn_with,
        "slices": {str(each): _slices(context, each) for each in programme.compared(period)},
    }
    content = json.dumps(inputs, sort_keys=True, ensure_ascii=False).encode()
    return context.landing.keep_document(content, ".json")[1]


def _slices(context: Context, period: Period) -> list[Row]:
    rows = slices_of(context.store, context.key[0], str(period))
    return [{name: row[name] for name in _SLICE} for row in rows]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def inputs_of(context: Context, edition: EditionRow) -> dict[str, Any]:
    """What an edition was made from. Misuse for one made before inputs were kept."""
    path = inputs_path(context.store, edition["edition_id"])
    if path is None:
        raise Misuse(f"edition {edition['edition_id']} was made before inputs were kept: render it again")
    return _read(context.landing, path)


def _read(landing: Landing, path: str) -> dict[str, Any]:
    inputs: dict[str, Any] = json.loads(landing.read(path))
    return inputs
