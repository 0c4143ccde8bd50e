"""Percentiles: half, nineteen of twenty, ninety-nine of a hundred."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["spread"]


def spread(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """p50, p95, p99; 0 of nothing."""
    if not len(values):
        return 0.0, 0.0, 0.0
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return float(p50), float(p95), float(p99)
