"""Trail: the ledger is watched over: verified, signed, and freed of the names it need not keep."""
