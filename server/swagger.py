"""The page that describes the API at /docs, complete without the internet."""

from __future__ import annotations

from fastapi import FastAPI, Request
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

    def page(request: Request) -> HTMLResponse:
        return _page(app, root_path=request.scope.get("root_path", ""))

    app.add_api_route(PAGE, page, response_class=HTMLResponse, include_in_schema=False)


def _page(app: FastAPI, *, root_path: str) -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url=f"{root_path}{app.openapi_url}",
        title=app.title,
        swagger_js_url=f"{root_path}{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{root_path}{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{root_path}{FILES}/favicon-32x32.png",
    )
