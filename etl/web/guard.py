"""What protects the page whoever serves it: headers, a bound on what is sent, a token in every form."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl.edges.feeds import LARGEST_FILE

LARGEST_BODY = LARGEST_FILE + 64 * 1024
"""Bytes of a request: a file and the few fields beside it."""

COOKIE, FIELD = "sanji_form", "form_token"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Middleware: no foreign content, no framing by others, nothing kept in caches but what says that it may."""
    return guarded(await call_next(request))


def guarded(response: Response) -> Response:
    """The answer with `HEADERS`, where it does not say otherwise."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


class Static(StaticFiles):
    """Files that a browser keeps and asks about each time: after an upgrade no page stands in an older style."""

    def file_response(self, *given: Any, **more: Any) -> Response:
        """The file, or 304 where the browser has it."""
        response = super().file_response(*given, **more)
        response.headers["Cache-Control"] = "no-cache"
        return response


class BoundedBody:
    """Middleware: refuses a request whose body is larger than `LARGEST_BODY` before it fills memory or disk.

    `refusal` is what is answered, with 413, to a request that says so itself.
    """

    def __init__(self, app: ASGIApp, refusal: Callable[[Request], Response]) -> None:
        self.app, self.refusal = app, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > LARGEST_BODY:
            await self.refusal(Request(scope))(scope, receive, send)
            return
        await self.app(scope, _counted(receive), send)


def _counted(receive: Receive) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            raise HTTPException(413)
        return message

    return bounded


def form_token(request: Request) -> str:
    """The token that this browser's forms must carry: the one of its cookie, else a new one."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)


def keep_token(request: Request, response: Response, token: str) -> None:
    """Set the cookie that goes with the forms. No other site can read it or have it sent along."""
    path = request.scope.get("root_path", "") or "/"
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, path=path, httponly=True, samesite="strict", secure=secure)


async def require_token(request: Request) -> None:
    """Refuse a form (403) that does not carry the token of its browser's cookie: another site sent it."""
    form: Any = await request.form()
    sent, kept = str(form.get(FIELD, "")), request.cookies.get(COOKIE, "")
    if not kept or not secrets.compare_digest(sent.encode(), kept.encode()):
        raise HTTPException(403, "form")
