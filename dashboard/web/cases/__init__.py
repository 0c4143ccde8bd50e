"""Cases: what the web says and takes about cases and the hall's numbers."""
