"""The page in Airflow: mounted in the API server, in the navigation, behind Airflow's own login.

Every component of Airflow loads its plugins, so nothing heavy is imported here: the application is made at its first request.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/sanji"
NAME, DUTY = "报送进度", "值班"


class PageApp:
    """The application, made when it is first asked for."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            from etl.web.behind_airflow import create_page  # noqa: PLC0415 - see the module's first lines

            self._app = create_page()
        await self._app(scope, receive, send)


class SanjiPagePlugin(AirflowPlugin):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """The board of all units, and what operators look at, in Airflow's navigation."""

    name = "sanji_page"
    fastapi_apps = [{"app": PageApp(), "url_prefix": PREFIX, "name": NAME}]  # noqa: RUF012  Airflow reads plain lists
    external_views = [  # noqa: RUF012  Airflow reads plain lists
        {
            "name": NAME,
            "href": f"{PREFIX}/",
            "destination": "nav",
            "icon": f"{PREFIX}/static/board.svg",
            "url_route": "sanji-board",  # without a category: with one it would stand in that menu, not on top
            "nav_top_level": True,
        },
        {
            "name": DUTY,
            "href": f"{PREFIX}/duty",
            "destination": "nav",
            "icon": f"{PREFIX}/static/duty.svg",
            "url_route": "sanji-duty",
            "nav_top_level": True,
        },
    ]
