"""Needs: which capability each address of the web needs. What does not stand here is not served at all."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["ANYBODY", "CITYWIDE", "KNOWN", "NEEDS", "PAGES", "PAGE_NEEDS", "page_needs"]

#: Open to everybody; open to whoever is known, in whatever role. All else are capabilities (dashboard.people.roles).
ANYBODY, KNOWN = "anybody", "known"

#: The one endpoint behind which all pages stand: it needs what the page needs.
PAGES = "/<path:path>"

#: Endpoint → capability. Routes of the API bring their own (`Route.needs`), and so do rooms that register themselves.
NEEDS: MappingProxyType[str, str] = MappingProxyType({
    # what a browser needs to draw anything, without a word of the city in it
    "assets": ANYBODY,
    "_dash_assets.static": ANYBODY,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": ANYBODY,
    "/_favicon.ico": ANYBODY,
    "mark": ANYBODY,
    "/_reload-hash": ANYBODY,
    "home": ANYBODY,  # leads to the wall, which asks
    "/": ANYBODY,
    # for machines that watch over the hall
    "healthz": ANYBODY,
    "metrics": "feeds",
    # the frame of a page: what stands in it comes by the layout, which needs what its page needs
    "/_dash-layout": KNOWN,
    "/_dash-dependencies": KNOWN,
    "/_dash-update-component": KNOWN,
    PAGES: KNOWN,  # and what the page needs
    # the map
    "geo": "wall",
    "openapi": KNOWN,
    "case_address": KNOWN,  # leads to the page of a case, which asks
})  # fmt: skip

#: Page → capability.
PAGE_NEEDS: dict[str, str] = {
    "/wall": "wall",
    "/list": "lists",
    "/rejected": "feeds",
    "/cases": "cases",
    "/case": "cases",
    "/kpi": "kpi",
}

#: What says something of the whole city, and is not for those whose scope is a part of it.
CITYWIDE = frozenset({"metrics", "api_rejected", "/rejected"})


def page_needs(path: str) -> str | None:
    """What a page needs: that of its address, or of what it stands under (/cases/X under /cases)."""
    return PAGE_NEEDS.get(path) or PAGE_NEEDS.get("/" + path.split("/")[1])
