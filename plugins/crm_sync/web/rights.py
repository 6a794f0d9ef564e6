"""Who is asking and what they may see and do: Airflow's own login and permissions, asked by every route."""

from dataclasses import dataclass
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails, DagAccessEntity, DagDetails
from airflow.api_fastapi.auth.tokens import get_signing_key
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.models.connection import Connection
from airflow.models.dag import DagModel
from fastapi import Depends, Form, HTTPException, Request, status
from itsdangerous import BadSignature, URLSafeTimedSerializer

from crm_sync import providers
from crm_sync.pages import dag_of

_CRM_CONNECTION = "crm_sync_crm"
_FORM_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Visitor:
    """A person who has logged in to Airflow."""

    user: Any

    @property
    def name(self) -> str:
        """Their name in logs of who did what."""
        return str(self.user.get_name())

    def may_read(self, provider: str) -> bool:
        """Whether they may see the provider's DAG and its runs."""
        return self._may(provider, "GET", None) and self._may(provider, "GET", DagAccessEntity.RUN)

    def may_trigger(self, provider: str) -> bool:
        """Whether they may start a run of the provider's DAG."""
        return self._may(provider, "POST", DagAccessEntity.RUN)

    def may_pause(self, provider: str) -> bool:
        """Whether they may switch the provider's runs by the clock off and on."""
        return self._may(provider, "PUT", None)

    @property
    def id(self) -> str:
        """Their identity in Airflow."""
        return str(self.user.get_id())

    def may_connect(self, provider: str) -> bool:
        """Whether they may change the provider's connection, and so who is connected by it."""
        return self._may_connection(providers.get(provider).connection_id, "PUT")

    @property
    def sees_people(self) -> bool:
        """Whether they may read the connection to the CRM: with its password they could read every person in it."""
        return self._may_connection(_CRM_CONNECTION, "GET")

    def readable(self) -> list[str]:
        """The providers whose DAGs they may see; 403 where there are none."""
        found = [name for name in providers.names() if self.may_read(name)]
        require(bool(found))
        return found

    def _may_connection(self, connection_id: str, method: Any) -> bool:
        details = ConnectionDetails(conn_id=connection_id, team_name=Connection.get_team_name(connection_id))
        return bool(get_auth_manager().is_authorized_connection(method=method, details=details, user=self.user))

    def _may(self, provider: str, method: Any, entity: DagAccessEntity | None) -> bool:
        dag_id = dag_of(provider)
        details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
        return bool(
            get_auth_manager().is_authorized_dag(method=method, access_entity=entity, details=details, user=self.user)
        )


def require(is_allowed: bool) -> None:
    """A 403 if it is not allowed."""
    if not is_allowed:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Your role in Airflow does not allow this.")


def known(provider: str) -> str:
    """The name itself; 404 where there is no such provider."""
    if provider not in providers.names():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such provider.")
    return provider


def visitor(user: GetUserDep) -> Visitor:
    """Who is asking; 401 for a stranger."""
    return Visitor(user)


VisitorDep = Annotated[Visitor, Depends(visitor)]


def form_token(who: Visitor) -> str:
    """What a form of ours carries, so that no other site's form can act in this person's name."""
    return _serializer().dumps(who.id)


def own_form(request: Request, who: VisitorDep, token: Annotated[str, Form()] = "") -> Visitor:
    """Who sent the form; 403 where it did not come from one of our pages, made for the same person."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This form was sent from another site.")
    try:
        is_own = _serializer().loads(token, max_age=_FORM_SECONDS) == who.id
    except BadSignature:
        is_own = False
    if not is_own:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "This form is too old, or not yours. Reload the page, try again."
        )
    return who


OwnFormDep = Annotated[Visitor, Depends(own_form)]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_signing_key("api", "secret_key"), salt="crm-sync-form")
