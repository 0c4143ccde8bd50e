"""Measure: one file a measurement; each has measure(quick) -> Figures and leaves nothing running."""
