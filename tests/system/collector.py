"""A collector of OpenTelemetry metrics on a socket: what arrives, by name and tags."""

from __future__ import annotations

import gzip
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA, Metric, NumberDataPoint

Series = tuple[str, frozenset[tuple[str, str]]]


def series(name: str, **tags: str) -> Series:
    """A name and its tags, as they are collected."""
    return name, frozenset(tags.items())


class Collector:
    """``counted``: the sums of all that was added, which must come as differences. ``gauges``: the last values."""

    def __init__(self) -> None:
        self.counted: dict[Series, float] = defaultdict(float)
        self.gauges: dict[Series, float] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where metrics are sent."""
        return f"http://127.0.0.1:{self._server.server_port}/v1/metrics"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def named(self, prefix: str) -> set[str]:
        """The names that begin so."""
        return {name for name, _ in [*self.counted, *self.gauges] if name.startswith(prefix)}

    def take(self, body: bytes) -> None:
        """Add what one export holds."""
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self._add(metric)

    def _add(self, metric: Metric) -> None:
        if metric.HasField("sum"):
            assert metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
            for point in metric.sum.data_points:
                self.counted[_series_of(metric, point)] += _value_of(point)
        if metric.HasField("gauge"):
            self.gauges |= {_series_of(metric, point): _value_of(point) for point in metric.gauge.data_points}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """A test's output is for its failures."""

        return Handler


def _series_of(metric: Metric, point: NumberDataPoint) -> Series:
    return series(metric.name, **{each.key: each.value.string_value for each in point.attributes})


def _value_of(point: NumberDataPoint) -> float:
    return float(point.as_int if point.HasField("as_int") else point.as_double)
