"""On the card a person says whether the account that answers is the one of the ledger, as `crm-sync account` does."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from crm_sync import account, providers
from crm_sync.errors import CrmSyncError, TransientError
from crm_sync.web.reading import state_database
from crm_sync.web.rendering import page
from crm_sync.web.rights import OwnFormDep, known, require

router = APIRouter()


@router.post("/account/{provider}")
def say(request: Request, who: OwnFormDep, provider: str, says: Annotated[str, Form()] = "") -> Response:
    """Keep what is said, and by whom; the next run goes by it."""
    require(who.may_connect(known(provider)))
    try:
        with state_database() as state:
            account.say(state, provider, says, who.name)
    except CrmSyncError as error:
        code = 503 if isinstance(error, TransientError) else 400
        title = f"Nothing was said of {providers.get(provider).title}"
        return page(request, "trouble.html", status_code=code, title=title, message=f"{str(error).rstrip('.')}.")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/#{provider}", status_code=303)
