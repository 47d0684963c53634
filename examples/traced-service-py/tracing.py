"""Spans of this service, sent as OTLP over HTTP in JSON (opentelemetry.io/docs/specs/otlp), with the standard library only.

They go to OTEL_EXPORTER_OTLP_ENDPOINT, under OTEL_SERVICE_NAME; without an endpoint nothing is recorded. Names of attributes
are those of the semantic conventions, in their stable and in their older spelling where databases are concerned.
"""

import atexit
import contextlib
import contextvars
import json
import os
import queue
import re
import secrets
import sys
import threading
import time
import urllib.request

INTERNAL, SERVER, CLIENT = 1, 2, 3
BATCH = 256
PAUSE_S = 0.2

_endpoint = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or (
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"].rstrip("/") + "/v1/traces"
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    else None
)
_current = contextvars.ContextVar("span", default=None)
_ended = queue.SimpleQueue()
_sending = threading.Lock()


@contextlib.contextmanager
def span(name, kind, attributes, parent=None):
    """Yields the attributes, for what is known only at the end. `parent`: a traceparent header."""
    if _endpoint is None:
        yield dict(attributes)
        return
    trace_id, parent_id = _current.get() or _read(parent)
    span_id = secrets.token_hex(8)
    known = dict(attributes)
    token = _current.set((trace_id, span_id))
    start, failed = time.time_ns(), False
    try:
        yield known
    except BaseException:
        failed = True
        raise
    finally:
        _current.reset(token)
        _ended.put(
            {
                "traceId": trace_id,
                "spanId": span_id,
                **({"parentSpanId": parent_id} if parent_id else {}),
                "name": name,
                "kind": kind,
                "startTimeUnixNano": str(start),
                "endTimeUnixNano": str(time.time_ns()),
                "attributes": _attributes(known),
                "status": {"code": 2} if failed else {},
            }
        )


def query_span(system, sql):
    """Of a statement; the code that asked for it is the caller of our caller."""
    if _endpoint is None:
        return contextlib.nullcontext()
    code = sys._getframe(2)
    return span(
        sql.split(None, 1)[0].upper(),
        CLIENT,
        {
            "db.system.name": system,
            "db.query.text": sql,
            "db.system": system,
            "db.statement": sql,
            "code.function.name": code.f_code.co_name,
            "code.file.path": code.f_code.co_filename,
            "code.line.number": code.f_lineno,
        },
    )


def flush():
    """Sends what has ended. A collector that is gone must not hurt the service: its spans are lost."""
    with _sending:
        spans = []
        while len(spans) < BATCH and not _ended.empty():
            spans.append(_ended.get())
        if not spans:
            return
        resource = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "records"), "process.pid": os.getpid()}
        body = {
            "resourceSpans": [
                {
                    "resource": {"attributes": _attributes(resource)},
                    "scopeSpans": [{"scope": {"name": "records.tracing", "version": "1.0.0"}, "spans": spans}],
                }
            ]
        }
        request = urllib.request.Request(
            _endpoint, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
        )
        with contextlib.suppress(OSError):
            urllib.request.urlopen(request, timeout=5).close()
    if not _ended.empty():
        flush()


def _read(traceparent):
    """Trace and parent of a request that comes from somebody who traces too (w3.org/TR/trace-context)."""
    found = re.fullmatch(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", traceparent or "")
    return found.groups() if found else (secrets.token_hex(16), None)


def _attributes(values):
    """As OTLP has them in JSON: each value under its type, 64-bit integers as text."""
    kinds = {bool: "boolValue", int: "intValue", float: "doubleValue"}
    return [
        {
            "key": key,
            "value": {kinds.get(type(value), "stringValue"): str(value) if type(value) is int else value},
        }
        for key, value in values.items()
    ]


def _send_forever():
    while True:
        time.sleep(PAUSE_S)
        flush()


if _endpoint is not None:
    threading.Thread(target=_send_forever, daemon=True).start()
    atexit.register(flush)
