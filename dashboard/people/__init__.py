"""People: who may come in, what each may see and do, and what they looked at."""
