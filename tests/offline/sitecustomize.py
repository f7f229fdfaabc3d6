"""On PYTHONPATH, this blocks every connection to another host: what passes needs no network."""

import socket

_connect = socket.socket.connect
_lookup = socket.getaddrinfo
LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0", ""}


def _refuse_connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
        raise OSError(f"this test run has no network: {address[0]}")
    return _connect(self, address)


def _refuse_lookup(host, *args, **kwargs):
    if host is not None and (host.decode() if isinstance(host, bytes) else host) not in LOCAL:
        raise socket.gaierror(f"this test run has no network: {host}")
    return _lookup(host, *args, **kwargs)


socket.socket.connect = _refuse_connect
socket.getaddrinfo = _refuse_lookup
