"""Layouts: frames, turned into pictures."""
