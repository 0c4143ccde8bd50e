"""Dashboard: records into frames, and every decision kept."""

__version__ = "0.1.0"
