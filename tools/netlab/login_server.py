"""An FTP server in a namespace (pyftpdlib) that knows one user, and counts who fails to log in."""

from __future__ import annotations

import importlib.util
import logging
import socket
import tempfile
import threading
from typing import Any

from .lab import Namespace


def has_login_server() -> bool:
    return importlib.util.find_spec("pyftpdlib") is not None


class LoginServer:
    """Listens at port 21 of an address."""

    PORT = 21

    def __init__(self, namespace: Namespace, address: str) -> None:
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.servers import FTPServer

        logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
        self.failed: list[str] = []  # users whose password was wrong
        self._folder = tempfile.TemporaryDirectory()
        authorizer = DummyAuthorizer()
        authorizer.add_user("ann", "a password that is on no list", self._folder.name)
        server = self

        class Handler(FTPHandler):
            def on_login_failed(self, username: str, _password: str) -> None:
                server.failed.append(username)

        Handler.authorizer = authorizer
        Handler.banner = "dune's files"
        Handler.auth_failed_timeout = 0  # else each guess costs three seconds
        with namespace.entered():
            listener = socket.create_server((address, self.PORT))
        self._server: Any = FTPServer(listener, Handler)
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ended:
            self._server.ioloop.loop(timeout=0.2, blocking=False)  # serve_forever() says it is there

    def close(self) -> None:
        self._ended = True
        self._thread.join(5)
        self._server.close_all()
        self._folder.cleanup()
