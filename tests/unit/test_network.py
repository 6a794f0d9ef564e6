"""The way to a service by a proxy and a private authority, over real TLS; what is shown to whom, and never said."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.contract import NETWORK_EXTRAS, Credentials
from crm_sync.errors import ConfigError, CrmSyncError
from crm_sync.hooks.accounts import account_hook
from crm_sync.oauth import flow
from crm_sync.transport.network import Network
from crm_sync.transport.session import KeyHeader, RetryPolicy, Transport
from unit.tls import Proxy, Secure, certificates, running

KEY = "very-secret-key"
PROXY_PASSWORD = "proxy-secret"
BASIC = "Basic " + base64.b64encode(f"someone:{PROXY_PASSWORD}".encode()).decode()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def service(files: tuple[Path, Path]) -> Iterator[Any]:
    with running(Secure, files[1]) as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Any]:
    with running(Proxy) as server:
        yield server


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    (tmp_path / "netrc").write_text("default login stranger password stranger\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def address(server: Any, scheme: str = "https") -> str:
    return f"{scheme}://127.0.0.1:{server.server_port}"


def transport(url: str, **extras: str) -> Transport:
    made = Transport(url, KeyHeader("Authorization", KEY), RetryPolicy(20, 1, 0.001))
    return made.through(Network.of(Credentials("", extras=extras)))


def application(url: str, **extras: str) -> flow.Application:
    credentials = Credentials(KEY, "id", {"oauth_url": url, **extras})
    made = flow.application_of(providers.get("constant_contact"), credentials)
    return replace(made, timeout_seconds=20)


def asked(url: str, **extras: str) -> None:
    """A call of each kind."""
    assert transport(url, **extras).call("GET", "/x").content == b"{}"
    with pytest.raises(CrmSyncError, match="MissingTokenError"):
        flow.exchanged(application(url, **extras), "code")


@pytest.mark.parametrize("where", ["ca_bundle", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_private_authority_is_trusted_where_it_is_named(
    where: str, service: Any, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extras = {where: str(files[0])} if where == "ca_bundle" else {}
    if not extras:
        monkeypatch.setenv(where, str(files[0]))
    asked(address(service), **extras)
    assert [each["Authorization"].partition(" ")[0] for each in service.seen] == [KEY, "Basic"]


def test_a_certificate_that_is_not_trusted_is_a_persons_to_mend(service: Any) -> None:
    for call in (
        lambda: transport(address(service)).call("GET", "/x"),
        lambda: flow.exchanged(application(address(service)), "code"),
    ):
        with pytest.raises(ConfigError, match=r"127\.0\.0\.1.*ca_bundle"):
            call()
    assert service.seen == []


@pytest.mark.parametrize("content", [None, "no certificate", ""])
def test_a_file_of_certificates_that_is_none_is_named(content: str | None, service: Any, tmp_path: Path) -> None:
    file = tmp_path / "bundle.pem"
    if content is not None:
        file.write_text(content)
    for call in (
        lambda: transport(address(service), ca_bundle=str(file)).call("GET", "/x"),
        lambda: flow.exchanged(application(address(service), ca_bundle=str(file)), "code"),
    ):
        with pytest.raises(ConfigError, match="ca_bundle"):
            call()


def told_of(proxy: Any, where: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The proxy stands in a connection's extras, which are the answer, or in the environment."""
    if where == "proxy":
        return {"proxy": address(proxy, "http")}
    monkeypatch.setenv(where, address(proxy, "http"))
    return {}


@pytest.mark.parametrize("where", ["proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_calls_go_by_the_proxy_which_never_sees_the_key(
    where: str, service: Any, proxy: Any, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extras = {"ca_bundle": str(files[0])} | told_of(proxy, where, monkeypatch)
    asked(address(service), **extras)
    assert len(service.seen) == len(proxy.seen) == 2
    for shown in proxy.seen:
        assert shown.startswith("CONNECT ")
        assert KEY not in shown
        assert "Authorization" not in shown
    assert "stranger" not in str(service.seen)


@pytest.mark.parametrize("where", ["proxy", "HTTPS_PROXY"])
def test_a_host_that_needs_no_proxy_gets_none(
    where: str, service: Any, proxy: Any, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extras = {"ca_bundle": str(files[0])} | told_of(proxy, where, monkeypatch)
    monkeypatch.setenv("NO_PROXY", "example.org,127.0.0.1")
    asked(address(service), **extras)
    assert (len(service.seen), proxy.seen) == (2, [])


def test_a_call_in_the_clear_is_shown_to_no_proxy(proxy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", address(proxy, "http"))
    with running(Secure) as service:
        assert transport(address(service, "http"), proxy=address(proxy, "http")).call("GET", "/x").ok
        assert len(service.seen) == 1
    assert proxy.seen == []


def test_a_proxys_own_password_is_sent_to_it_and_never_said(
    service: Any, files: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    with running(Proxy, password=BASIC) as proxy:
        port = proxy.server_port
        asked(address(service), ca_bundle=str(files[0]), proxy=f"http://someone:{PROXY_PASSWORD}@127.0.0.1:{port}")
        assert all(BASIC in shown for shown in proxy.seen)
        assert "Proxy-Authorization" not in str(service.seen)
        wrong = {"ca_bundle": str(files[0]), "proxy": f"http://someone:{PROXY_PASSWORD}x@127.0.0.1:{port}"}
        for call in (
            lambda: transport(address(service), **wrong).call("GET", "/x"),
            lambda: flow.exchanged(application(address(service), **wrong), "code"),
        ):
            with pytest.raises(ConfigError, match=r"407.*proxy") as caught:
                call()
            said.append(str(caught.value))
    assert len(said) == 2
    assert PROXY_PASSWORD not in "".join(said) + caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize("bad", ["http://", "http://[::1", "nonsense://127.0.0.1:1", "socks5://127.0.0.1:1"])
def test_an_address_that_is_no_proxys_is_a_persons_to_mend(bad: str, service: Any) -> None:
    for call in (
        lambda: transport(address(service), proxy=bad).call("GET", "/x"),
        lambda: flow.exchanged(application(address(service), proxy=bad), "code"),
    ):
        with pytest.raises(ConfigError, match="proxy"):
            call()


def test_every_connection_has_both_extras_and_asks_for_them() -> None:
    names = providers.names()
    assert names
    for name in names:
        assert set(NETWORK_EXTRAS) <= set(providers.get(name).extras)
        assert set(NETWORK_EXTRAS) <= account_hook(name).fields().keys()
