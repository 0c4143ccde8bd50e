"""Page: what every page carries: its language, its theme, its scale, and the words for its scripts."""

from __future__ import annotations

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.theme import THEMES, size, variables
from layouts.words import LANGS, words

__all__ = ["language", "page", "theme_of", "words_script"]


def language(asked: str | None, settings: Any) -> str:
    """What the address asks for, or the house's own."""
    return asked if asked in LANGS else settings.lang if settings.lang in LANGS else LANGS[0]


def theme_of(asked: str | None) -> str:
    return asked if asked in THEMES else THEMES[0]


def words_script(lang: str) -> Component:
    """Data, not code: a browser does not run it. `<` is written so that no word can end it."""
    body = json.dumps(words(lang), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return html.Script(body, id="words", type="application/json")


def page(
    children: list[Component], *, name: str, lang: str, theme: str, settings: Any, asked: float = 1.0, **more: Any
) -> Component:
    """The root of a page: #<name>, class "page"."""
    style = variables(settings, asked) | more.pop("style", {})
    look = more.pop("className", f"page {name}")
    return html.Div(
        [*children, words_script(lang)],
        id=name,
        className=look,
        lang="en" if lang == "en" else "zh-CN",
        style=style,
        **attributes(data_theme=theme_of(theme), data_lang=lang, data_size=size(settings, asked)) | more,
    )
