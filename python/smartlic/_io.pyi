"""
HTTP(S) by libcurl, with TLS trust of its own and time as an argument.
"""
from __future__ import annotations
import datetime
import typing
__all__: list[str] = ['HttpAnswer', 'HttpClient']
class HttpAnswer:
    """
    What a server answered, whatever its status and content type.
    """
    def __repr__(self) -> str:
        ...
    @property
    def body(self) -> bytes:
        """
        The body as it came.
        """
    @property
    def clock_suspect(self) -> bool:
        """
        True if TLS was accepted by a pinned root without regard to dates, so that
        one of the two clocks is wrong (RULES T3).
        """
    @property
    def content_type(self) -> str:
        """
        Empty if the server gave none.
        """
    @property
    def retry_after(self) -> datetime.timedelta | None:
        """
        How long to wait by the header Retry-After (RFC 9110, 10.2.3): zero to a year,
        or None.
        """
    @property
    def status(self) -> int:
        """
        The HTTP status, for instance 200.
        """
class HttpClient:
    """
    Makes HTTP(S) requests, each by a connection of its own.
    
    Redirects are not followed, TLS is 1.2 or later, and the names in server certificates are always
    checked. Immutable: threads may share one. The GIL is released while a request is under way;
    Ctrl-C ends it within about a second.
    """
    def __init__(self, *, pinned_pem: str = '', extra_pem: str = '', system: bool = False, proxy: str | None = None, proxy_user: str = '', proxy_password: str = '', environment_proxy: bool = False, user_agent: str = 'smartlic', connect_timeout: datetime.timedelta = ..., total_timeout: datetime.timedelta = ..., answer_limit: typing.SupportsInt | typing.SupportsIndex = 65536) -> None:
        """
        Sets up a client; nothing is sent.
        
        pinned_pem: the manager's own TLS roots (PEM), trusted even if only dates do not fit (RULES T3).
        extra_pem: further roots, for instance those of a proxy that terminates TLS.
        system: trust the roots of the operating system too. Without any root no HTTPS server is trusted.
        proxy: "http://host:port" or "host:port"; HTTPS goes through it by CONNECT.
        environment_proxy: without `proxy`, heed http_proxy, https_proxy and no_proxy.
        connect_timeout, total_timeout: from 1 ms to a day; the second includes the first.
        answer_limit: bytes of body above which an answer is refused (64 KiB, RULES M1).
        
        Raises InputError (invalid_argument) for what does not fit, TransportError (tls_failed) if libcurl
        is not built with our OpenSSL.
        """
    def get(self, url: str, *, now: datetime.datetime) -> HttpAnswer:
        """
        Sends a GET request and returns the HttpAnswer, whatever its status.
        
        now: the licensing time at which the dates of certificates and of Retry-After are judged.
        
        Raises InputError (invalid_argument: the URL); TransportError (unreachable, timed_out, proxy_failed,
        tls_failed; tls_dates if nothing but dates was wrong and no pinned root vouches for the server);
        TrustError (message_too_large).
        """
    def post(self, url: str, body: bytes, *, content_type: str, now: datetime.datetime) -> HttpAnswer:
        """
        Sends a POST request and returns the HttpAnswer, whatever its status.
        
        now, and what it raises: as for `get`.
        """
