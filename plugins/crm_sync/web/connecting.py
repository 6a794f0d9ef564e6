"""Connects an account by OAuth2 from its card, and disconnects it: a person goes to the provider's own page and comes
back with a code. Both require permission to change the Airflow connection."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from crm_sync import connect, providers
from crm_sync.errors import CrmSyncError, TransientError
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.address import airflow_address
from crm_sync.oauth import flow
from crm_sync.web import PREFIX, ROUTE, checking
from crm_sync.web.reading import state_database
from crm_sync.web.rendering import page
from crm_sync.web.rights import OwnFormDep, Visitor, VisitorDep, known, require

router = APIRouter()
# What comes back to it holds a code, which is for nobody's log.
BACK = "/connected"
_SECONDS_TO_ALLOW = 600


@router.post("/connect/{provider}")
def leave(request: Request, who: OwnFormDep, provider: str) -> HTMLResponse:
    """The way to the provider's own page. A link on a page of ours, and no redirect: a form may only lead to our own
    host, and the provider's page refuses to be framed."""
    require(who.may_connect(known(provider)))
    try:
        url, state = connect.begin(_application(provider))
        _expect(provider, who, state)
    except CrmSyncError as error:
        return _not_connected(request, provider, error)
    return page(request, "leaving.html", title=providers.get(provider).title, url=url, host=urlsplit(url).netloc)


@router.get(BACK + "/{provider}")
def come_back(request: Request, who: VisitorDep, provider: str) -> Response:
    """Where the provider sends a person back to: what they allowed is kept, and the card says as whom."""
    require(who.may_connect(known(provider)))
    with state_database() as state:
        with state.transaction() as transaction:
            expected = transaction.value(
                "page_connecting/take_attempt", provider=provider, who=who.id, seconds=_SECONDS_TO_ALLOW
            )
        try:
            client_state = account_hook(provider)().client_state(state)
            connect.finish(_application(provider), client_state, expected or "", dict(request.query_params))
        except CrmSyncError as error:
            return _not_connected(request, provider, error)
        checking.check(state, provider)
    return RedirectResponse(f"{airflow_address()}/plugin/{ROUTE}", status_code=303)


@router.post("/disconnect/{provider}")
def disconnect(request: Request, who: OwnFormDep, provider: str) -> Response:
    """Forget the token. No provider has a call that takes the permission back; a person does that there."""
    require(who.may_connect(known(provider)))
    hook = account_hook(provider)()
    if not hook.connects_by_oauth:
        return _nothing_to_disconnect(request, provider)
    with state_database() as state:
        with hook.client_state(state).token() as slot:
            slot.forget()
        message = f"disconnected here by a person; {flow.remedy(provider)}"
        checking.keep(state, provider, {"is_connected": False, "message": message})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/#{provider}", status_code=303)


def _nothing_to_disconnect(request: Request, provider: str) -> HTMLResponse:
    sheet = providers.get(provider)
    message = f"Its key is in the Airflow connection {sheet.connection_id}; delete it there, or pause the DAG."
    title = f"{sheet.title} is not connected by a button"
    return page(request, "trouble.html", status_code=400, title=title, message=message)


def redirect_address(provider: str) -> str:
    """Where the provider sends people back to; it must be registered there as it is."""
    return f"{airflow_address()}{PREFIX}{BACK}/{provider}"


def _application(provider: str) -> flow.Application:
    credentials = account_hook(provider)().credentials()
    return flow.application_of(providers.get(provider), credentials, redirect_address(provider))


def _expect(provider: str, who: Visitor, state: str) -> None:
    """Expect the person who is logged in to come back, once."""
    with state_database() as database, database.transaction() as transaction:
        transaction.run("page_connecting/keep_attempt", provider=provider, who=who.id, state=state)


def _not_connected(request: Request, provider: str, error: CrmSyncError) -> HTMLResponse:
    code = 503 if isinstance(error, TransientError) else 400
    title = f"{providers.get(provider).title} was not connected"
    return page(request, "trouble.html", status_code=code, title=title, message=f"{str(error).rstrip('.')}.")
