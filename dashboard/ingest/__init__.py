"""Ingest: the door that records come in by; it answers after the write."""
