"""Bus: the only room that speaks Redis."""
