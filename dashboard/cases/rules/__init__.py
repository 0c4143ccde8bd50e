"""Rules: what the city demands of a case: limits, calendars, routes, from files that an operator may edit."""
