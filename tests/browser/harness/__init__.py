"""Harness: a hall made of invented frames, for looking at the map alone and for soaking it."""
