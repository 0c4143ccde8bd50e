"""Feeds: the city, turned into records."""
