"""People: who is at the door of the web, and what they may see and do."""
