"""Cases: what the hall decides about every reported event, step by step, and the ledger that keeps it."""
