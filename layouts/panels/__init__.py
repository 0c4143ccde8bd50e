"""Panels: one file each; what it takes from the situation and how it is painted."""
