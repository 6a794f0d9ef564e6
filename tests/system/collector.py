"""A collector of OpenTelemetry metrics on a socket: what arrives, by name and tags."""

from __future__ import annotations

import gzip
from collections import defaultdict
from email.message import Message

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA, Metric, NumberDataPoint

from system.listener import Listener

Series = tuple[str, frozenset[tuple[str, str]]]


def series(name: str, **tags: str) -> Series:
    """A name and its tags, as they are collected."""
    return name, frozenset(tags.items())


class Collector(Listener):
    """``counted``: the sums of all that was added, which must come as differences. ``gauges``: the last values."""

    def __init__(self) -> None:
        self.counted: dict[Series, float] = defaultdict(float)
        self.gauges: dict[Series, float] = {}
        super().__init__()

    @property
    def url(self) -> str:
        """Where metrics are sent."""
        return f"http://{self.place}/v1/metrics"

    def named(self, prefix: str) -> set[str]:
        """The names that begin so."""
        return {name for name, _ in [*self.counted, *self.gauges] if name.startswith(prefix)}

    def posted(self, path: str, headers: Message, body: bytes) -> tuple[int, bytes]:
        """Adds what one export holds."""
        content = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
        for resource in ExportMetricsServiceRequest.FromString(content).resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self._add(metric)
        return 200, b""

    def _add(self, metric: Metric) -> None:
        if metric.HasField("sum"):
            assert metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
            for point in metric.sum.data_points:
                self.counted[_series_of(metric, point)] += _value_of(point)
        if metric.HasField("gauge"):
            self.gauges |= {_series_of(metric, point): _value_of(point) for point in metric.gauge.data_points}


def _series_of(metric: Metric, point: NumberDataPoint) -> Series:
    return series(metric.name, **{each.key: each.value.string_value for each in point.attributes})


def _value_of(point: NumberDataPoint) -> float:
    return float(point.as_int if point.HasField("as_int") else point.as_double)
