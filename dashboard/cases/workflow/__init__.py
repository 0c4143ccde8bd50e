"""Workflow: which moves there are, who may make them, and what each does to a case: tables and pure functions."""
