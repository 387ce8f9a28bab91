"""A socket between client and server that breaks exactly where a test says."""

import contextlib
import shutil
import socket
import tempfile
import threading
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"


class Proxy:
    """Passes bytes on; `cut` set to "before" or "after" ends the line around the next COMMIT.

    before: the server never sees it. after: the server has answered, the client never hears.
    """

    def __init__(self, server_folder: Path) -> None:
        self.cut = ""
        self.folder = Path(tempfile.mkdtemp(prefix="syproxy"))
        self._target = str(server_folder / _SOCKET)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / _SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening; open lines end with their ends."""
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            line = {"answer_dropped": False}
            for reading, writing, forth in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass, args=(reading, writing, forth, line), daemon=True).start()

    def _pass(
        self, reading: socket.socket, writing: socket.socket, forth: bool, line: dict[str, bool]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := reading.recv(65536):
                if forth and self.cut and b"COMMIT" in data:
                    if self.cut == "before":
                        break
                    line["answer_dropped"] = True
                if not forth and line["answer_dropped"]:
                    break
                writing.sendall(data)
        for each in (reading, writing):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
