"""Puts the pages together as one application, with the headers that every answer carries."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException as AnyHTTPException

from crm_sync.errors import CrmSyncError
from crm_sync.web.accounts import router as accounts
from crm_sync.web.connecting import BACK
from crm_sync.web.connecting import router as connecting
from crm_sync.web.exceptions_listed import router as exceptions_listed
from crm_sync.web.in_force import router as in_force
from crm_sync.web.overview import router as overview
from crm_sync.web.people import router as people
from crm_sync.web.refusals import router as refusals
from crm_sync.web.rendering import page
from crm_sync.web.rights import VisitorDep
from crm_sync.web.run import router as run
from crm_sync.web.runs import router as runs

log = logging.getLogger("crm_sync")

_STATIC = Path(__file__).parent / "static"
# Nothing from outside, nothing inline, no framing by others.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TITLES = {401: "Please log in", 403: "Not allowed", 404: "Not found", 422: "That does not fit", 503: "Not available"}


def create() -> FastAPI:
    """The application, as it is mounted into Airflow's API server."""
    app = FastAPI(title="CRM Sync", docs_url=None, redoc_url=None, openapi_url=None)
    for router in (overview, connecting, accounts, run, runs, people, refusals, exceptions_listed, in_force):
        app.include_router(router)
    app.get("/static/{name}")(static)
    app.middleware("http")(with_headers)
    app.exception_handler(AnyHTTPException)(explain)
    app.exception_handler(RequestValidationError)(explain_misfit)
    app.exception_handler(CrmSyncError)(explain_trouble)
    return app


def static(_: VisitorDep, name: Annotated[str, PathParameter(pattern=r"^[a-z-]+\.(css|js|svg)$")]) -> FileResponse:
    """Style, script or icon."""
    if not (_STATIC / name).is_file():
        raise HTTPException(404, "There is no such file.")
    return FileResponse(_STATIC / name)


async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Add the headers of every answer. An unexpected error is logged without its message, which may
    contain personal data."""
    try:
        response = await call_next(request)
    except Exception as error:  # noqa: BLE001  whatever it is, its message stays here
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("unexpected %s at\n%s", type(error).__name__, where)  # noqa: TRY400
        message = "The server's log says where this went wrong."
        response = page(request, "trouble.html", status_code=500, title="Something went wrong", message=message)
    if BACK in request.url.path:
        request.scope["query_string"] = b""  # a code came back in it, and Airflow logs each request when it is answered
    response.headers.update(HEADERS)
    return response


def explain(request: Request, error: Exception) -> Response:
    """An error as a page that says what happened."""
    code, detail = (error.status_code, str(error.detail)) if isinstance(error, AnyHTTPException) else (500, "")
    return page(request, "trouble.html", status_code=code, title=_TITLES.get(code, "Trouble"), message=detail)


def explain_misfit(request: Request, _: Exception) -> Response:
    """What was asked for is not a number, or is missing. What was given is not repeated."""
    message = "A value of this address or form is missing or of the wrong kind."
    return page(request, "trouble.html", status_code=422, title=_TITLES[422], message=message)


def explain_trouble(request: Request, error: Exception) -> Response:
    """Why a database cannot be asked; messages of this package name nobody."""
    return page(request, "trouble.html", status_code=503, title=_TITLES[503], message=str(error))
