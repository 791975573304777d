"""What the page answers with: its templates with its own words, the way to another page of it, a file to keep."""

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from etl.core.inert import inert
from etl.core.reading.formats import ENDINGS
from etl.edges.feeds import LARGEST_FILE
from etl.edges.templates import TEMPLATES, environment
from etl.edges.yaml_files import read_yaml
from etl.web.guard import FIELD, form_token, keep_token

Words = Mapping[str, Any]
UPLOADS = {"most": LARGEST_FILE, "accept": ",".join(f".{ending}" for ending in sorted(set().union(*ENDINGS.values())))}
"""What a browser may offer to send: bytes of a file, and endings of its name."""
LONGEST_SHOWN = 300
"""Characters of a cell that the page shows; the workbook has it whole."""


@functools.cache
def words() -> Words:
    """The page's words that are chosen by a key: statuses, events, levels, tables."""
    return read_yaml(TEMPLATES / "web" / "words.yaml")


def page(request: Request, template: str, status_code: int = 200, **model: Any) -> HTMLResponse:
    """A page of `templates/web` with its model, the words, and a token for its forms."""
    token = form_token(request)
    text = (
        environment()
        .get_template(f"web/{template}.html.j2")
        .render(
            base=base_of(request),
            token={"name": FIELD, "value": token},
            words=words(),
            uploads=UPLOADS,
            shown=shown,
            moment=moment,
            **model,
        )
    )
    response = HTMLResponse(text, status_code=status_code)
    keep_token(request, response, token)
    return response


def base_of(request: Request) -> str:
    """Where the page is mounted; empty if it is served alone."""
    return str(request.scope.get("root_path", ""))


def go_to(request: Request, *parts: str) -> RedirectResponse:
    """On to another page of the page, as after a form: its path below where the page is mounted."""
    return RedirectResponse(f"{base_of(request)}/{'/'.join(parts)}", 303)


def file_answer(content: bytes, name: str, media_type: str) -> Response:
    """A file that the browser keeps under its name."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=media_type, headers=headers)


def shown(text: Any, longest: int | None = LONGEST_SHOWN) -> str:
    """A cell's text as the page shows it: harmless, on one line, not longer than so many characters. Empty for nothing."""
    if text is None or text != text:  # noqa: PLR0124 - NaN
        return ""
    plain = " ".join(inert(str(text)).split())
    return plain if longest is None or len(plain) <= longest else plain[:longest] + "…"


def moment(text: str) -> dict[str, int]:
    """The parts of a moment that the store keeps, for templates to write as they like."""
    at = dt.datetime.fromisoformat(text)
    return {"year": at.year, "month": at.month, "day": at.day, "hour": at.hour, "minute": at.minute}
