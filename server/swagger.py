"""The page that describes the API at /docs, complete without the internet."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

PAGE = "/docs"
FILES = "/docs-files"
"""Where the browser finds Swagger UI, which the package fastapi-swagger carries."""


def add_docs(app: FastAPI) -> None:
    """Serve the page and the files that it needs from this server."""
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])
    app.mount(FILES, files, name="docs-files")
    app.add_api_route(
        PAGE, lambda: _page(app), response_class=HTMLResponse, include_in_schema=False
    )


def _page(app: FastAPI) -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url=app.openapi_url or "",
        title=app.title,
        swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{FILES}/favicon-32x32.png",
    )
