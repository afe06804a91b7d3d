"""A model hub on this computer, with one file, for tests of downloads."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ddm_studio.deblur.weights import WeightFile

CONTENT = bytes(range(256)) * 4096


def pinned(content: bytes = CONTENT, file: str = "net.pth") -> WeightFile:
    return WeightFile("net", "repo", file, len(content), hashlib.sha256(content).hexdigest(), "BSD")


class Hub(ThreadingHTTPServer):
    """A model hub with one file, which may break off, ignore ranges, or serve something else.

    After `wait_after` bytes it sends nothing more until `go_on` is set, so that a download is under way for as long as a test likes.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubRequest)
        self.content = CONTENT
        self.break_after: int | None = None
        self.wait_after: int | None = None
        self.go_on = threading.Event()
        self.knows_ranges = True
        self.ranges: list[str | None] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up in the middle here; that is what is tested."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class HubRequest(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        if self.path != "/repo/resolve/main/net.pth":
            self.send_error(404)
            return
        first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.knows_ranges else 0
        body = self.server.content[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body[: self.server.break_after]
        if self.server.wait_after is not None:
            self.wfile.write(body[: self.server.wait_after])
            body = body[self.server.wait_after :]
            self.server.go_on.wait(60)
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Tests are quiet."""
