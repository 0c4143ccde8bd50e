"""Shell: the frame of every page. It holds no script of ours: a strict content policy needs only Dash's own hashes."""

from __future__ import annotations

__all__ = ["MARK", "STYLES", "TONGUES", "icon", "index_string"]

#: Language of the screens → as HTML calls it.
TONGUES = {"zh": "zh-CN", "en": "en"}

#: The sign of the house, as browsers show it beside a page's name.
MARK = "/assets/img/mark.svg"

#: In the order in which they are loaded: what comes later may say more about what came before.
STYLES = (
    "tokens.css",
    "base.css",
    "wall.css",
    "head.css",
    "beside.css",
    "panels.css",
    "rows.css",
    "marks.css",
    "wide.css",
    "river.css",
    "banner.css",
    "cases.css",
    "case.css",
)

INDEX = """<!DOCTYPE html>
<html lang="{lang}" translate="no">
<head>
{{%metas%}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>{{%title%}}</title>
{icon}
{styles}
{{%css%}}
</head>
<body>
{{%app_entry%}}
<footer>
{{%config%}}
{{%scripts%}}
{{%renderer%}}
</footer>
</body>
</html>"""


def icon(stamp: str = "") -> str:
    return f'<link rel="icon" type="image/svg+xml" href="{MARK}{f"?{stamp}" if stamp else ""}">'


def index_string(lang: str, assets: str = "/assets/css/", stamp: str = "") -> str:
    """What Dash fills. The style sheets stand first, so that no page is ever white before it is dark."""
    mark = f"?{stamp}" if stamp else ""
    styles = "\n".join(f'<link rel="stylesheet" href="{assets}{name}{mark}">' for name in STYLES)
    return INDEX.format(lang=TONGUES.get(lang, TONGUES["zh"]), icon=icon(stamp), styles=styles)
