"""Web: pages, sockets and the reading API."""
