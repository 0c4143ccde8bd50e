"""Live: records folded into the state of now, and the state into frames."""
