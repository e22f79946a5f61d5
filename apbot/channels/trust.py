"""Whose certificates are believed, wherever httpx talks to a platform."""

import ssl
from functools import cache

import httpx


@cache
def believed() -> ssl.SSLContext:
    """The authorities that httpx believes. Read once: each reading takes longer than posting a message."""
    return httpx.create_ssl_context()
