"""A record shop over HTTP. Listens on 127.0.0.1, port PORT (default 3000)."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import catalogue
import search
import tracing


def list_albums(query):
    page = max(1, int(query.get("page", ["1"])[0]))
    return 200, {"page": page, "albums": catalogue.albums_of_page(page)}


def find_albums(query):
    words = query.get("q", [""])[0]
    if not words:
        return 400, {"error": "q is missing"}
    return 200, {"q": words, "albums": search.closest_albums(words, catalogue.all_titles())}


def health(_query):
    return 200, {"status": "ok"}


ROUTES = {"/health": health, "/albums": list_albums, "/search": find_albums}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in one write.
    wbufsize = 65536

    def do_GET(self):
        url = urlsplit(self.path)
        route = ROUTES.get(url.path)
        if route is None:
            self.answer(404, {"error": "not found"})
            return
        attributes = {"http.request.method": "GET", "http.route": url.path, "url.path": url.path}
        parent = self.headers.get("traceparent")
        with tracing.span(f"GET {url.path}", tracing.SERVER, attributes, parent=parent) as span:
            try:
                status, body = route(parse_qs(url.query))
            except ValueError as error:
                status, body = 400, {"error": str(error)}
            span["http.response.status_code"] = status
        self.answer(status, body)

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args):
        """Nothing: a line for each request would be most of the work."""


def main():
    catalogue.build()
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Handler)
    server.daemon_threads = True
    # shutdown() waits for serve_forever, which is what the signal interrupts.
    stop = lambda *_: threading.Thread(target=server.shutdown).start()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
    tracing.flush()


if __name__ == "__main__":
    main()
