"""The network route of calls: the proxy and the trusted certificates. Both come from a connection's extras, or else
from the environment. A .netrc is never read, since it would replace the key."""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, should_bypass_proxies

from crm_sync.errors import ConfigError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.contract import Credentials

# In the order in which requests and OpenSSL read them.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
# An invalid address is a ValueError of both libraries as well, and is not transient.
_PASSING = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    urllib3.exceptions.HTTPError,
)
_OF_A_PROXY = (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)
# The errors of both libraries for a call without a response.
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, ValueError)
_USUAL_PORTS = {"https": 443, "http": 80}
_PROXY_REFUSES = re.compile(r"\b(403|407)\b")


class _Way(HTTPAdapter):
    """The route of requests to one host: proxy, proxy credentials and trusted certificates. requests determines it for
    each call; this class does it once."""

    def connections(self, url: str, options: Mapping[str, Any]) -> urllib3.HTTPConnectionPool:
        """A pool of connections that threads may share."""
        request = requests.Request("GET", url).prepare()
        pool = self.get_connection_with_tls_context(request, options["verify"], proxies=options["proxies"])
        self.cert_verify(pool, url, options["verify"], None)  # type: ignore[no-untyped-call]
        return cast("urllib3.HTTPConnectionPool", pool)


@dataclass(frozen=True, repr=False)
class Network:
    """How a host is reached.

    Attributes:
        proxy: URL of an HTTP proxy, with its credentials if it requires any; "" for the proxy in the environment, if
            there is one.
        ca_bundle: path of a file or folder with the certificates to trust, in PEM format; "" for REQUESTS_CA_BUNDLE,
            CURL_CA_BUNDLE or SSL_CERT_FILE, or else those of requests.
    """

    proxy: str = ""
    ca_bundle: str = ""

    @classmethod
    def of(cls, credentials: Credentials) -> Network:
        """The network named by the extras ``proxy`` and ``ca_bundle`` of a connection."""
        return cls(*(str(credentials.extras.get(name) or "") for name in ("proxy", "ca_bundle")))

    def options(self, url: str) -> dict[str, Any]:
        """The arguments ``proxies`` and ``verify`` of requests for a call to ``url``. A call without TLS uses no proxy,
        because the proxy would see the key.

        Raises:
            ConfigError: the file of certificates does not exist.
        """
        return {"proxies": self._proxies(url), "verify": self._bundle() or True}

    def connections(self, url: str, most: int) -> urllib3.HTTPConnectionPool:
        """A pool of connections to the host of ``url``; at most ``most`` stay open. Raises ConfigError as
        ``options``."""
        return _Way(pool_maxsize=most).connections(url, self.options(url))

    def _proxies(self, url: str) -> dict[str, str]:
        if urlsplit(url).scheme != "https":
            return {}
        if not self.proxy:
            return dict(get_environ_proxies(url))
        return {} if should_bypass_proxies(url, no_proxy=None) else {"https": self.proxy}

    def _bundle(self) -> str:
        named = {"the extra ca_bundle": self.ca_bundle, **{name: os.environ.get(name, "") for name in _BUNDLES}}
        where, bundle = next(((where, path) for where, path in named.items() if path), ("", ""))
        if bundle and not Path(bundle).exists():
            raise ConfigError(f"{where} names a file of certificates that is not on this machine; correct it")
        return bundle


# Proxy and certificates as in the environment.
DIRECT = Network()


def host_of(url: str) -> str:
    """Host and port of a URL, without credentials that may precede them."""
    return urlsplit(url).netloc.rpartition("@")[2]


def service_at(url: str, *vendors_own: str) -> str:
    """Which service a base URL leads to, for the name of an account there: "" for the vendor's own hosts, a name that
    begins with a dot standing for all below it; else host and port, however they are written."""
    try:
        parts = urlsplit(url)
        is_usual = parts.port in {None, _USUAL_PORTS.get(parts.scheme)}
    except ValueError:
        raise ConfigError("the connection's base URL is not a valid address; correct it") from None
    name = (parts.hostname or "").rstrip(".")
    is_own = any(name == own or (own[:1] == "." and name.endswith(own)) for own in vendors_own)
    if is_own and is_usual:
        return ""
    return f"{name}/" if is_usual else f"{name}:{parts.port}/"


def failure(error: Exception, host: str) -> Exception:
    """The error for a call without a response: a TransientError if another try may help, else a ConfigError. It quotes
    no message of the libraries, since these contain paths and proxies."""
    kind = type(error).__name__
    causes = _chain(error)
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        return ConfigError(
            f"{host} shows a certificate that is not trusted here; if a proxy or the service has one of your own"
            " authority, name that authority's file in the connection's extra ca_bundle, or in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, _OF_A_PROXY):
        # The proxy's status is only in a message: "Tunnel connection failed: 407 ...".
        said = " ".join(str(each) for each in causes if type(each) is OSError)
        if refused := _PROXY_REFUSES.search(said):
            return ConfigError(
                f"the proxy refuses calls to {host} ({refused[1]}); correct the connection's extra proxy, or"
                " HTTPS_PROXY"
            )
    if any(getattr(each, "library", None) == "X509" for each in causes):
        return ConfigError(f"{host}: the file of trusted certificates contains none; correct ca_bundle")
    if isinstance(error, _PASSING) and not isinstance(error, ValueError):
        return TransientError(f"{host}: {kind}")
    return ConfigError(f"{host}: {kind}; look at the connection's base URL and proxy")


def _chain(error: BaseException | None) -> list[BaseException]:
    """An error and all errors that it wraps or was caused by."""
    found: list[BaseException] = []
    left: list[object] = [error]
    while left:
        each = left.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            left += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found
