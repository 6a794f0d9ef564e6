"""Connects an account by requests-oauthlib, which Constant Contact's client brings along: an OAuth2 client that knows
neither the stand-ins nor the pipeline."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

# The stand-in is on this machine, and speaks no TLS.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
BACK = "http://127.0.0.1:8765/"


def connected(asked: SimpleNamespace, **of_token: Any) -> tuple[OAuth2Session, dict[str, Any]]:
    """Somebody allows, and the code becomes a token.

    ``asked``: base (of the authorization server), client_id, secret, scopes. ``of_token``: how the token call differs.
    """
    session = OAuth2Session(asked.client_id, redirect_uri=BACK, scope=asked.scopes)
    url, _ = session.authorization_url(f"{asked.base}/authorize")
    back = requests.get(url, allow_redirects=False, timeout=30).headers["Location"]
    token = session.fetch_token(f"{asked.base}/token", authorization_response=back, **of_token)
    return session, dict(token)


def renewed(session: OAuth2Session, asked: SimpleNamespace, refresh_token: str) -> dict[str, Any]:
    """Another token; or what the refusal is called."""
    auth = (asked.client_id, asked.secret)
    try:
        return dict(session.refresh_token(f"{asked.base}/token", refresh_token=refresh_token, auth=auth))
    except OAuth2Error as error:
        return {"error": error.error}
