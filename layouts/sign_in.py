"""Sign-in: the one page that is plain HTML: it must work before anything else does, without any script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from layouts.page import theme_of
from layouts.shell import TONGUES, icon
from layouts.theme import variables
from layouts.words import LANGS, Say, say

__all__ = ["STYLES", "notice", "sign_in"]

STYLES = ("tokens.css", "base.css", "sign_in.css")

SHELL = """<!DOCTYPE html>
<html lang="{tongue}" translate="no">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta name="robots" content="noindex">
<title>{title}</title>
{icon}
{styles}
</head>
<body>
<div id="{name}" class="{look}" data-theme="{theme}" data-lang="{lang}" style="{style}">
{body}
</div>
</body>
</html>"""

FORM = """<main class="gate">
<p class="gate-house">{product}</p>
<form method="post" action="/sign-in?{query}" class="gate-form">
<h1>{title}</h1>
{said}
<label for="name">{name_word}</label>
<input id="name" name="name" value="{name}" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="64" required {focus_name}>
<label for="password">{password_word}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required
 {focus_password}>
<button type="submit">{enter}</button>
{elsewhere}
</form>
<p class="gate-foot">{notice}<span class="gate-tongues">{tongues}</span></p>
</main>"""


def sign_in(
    lang: str, theme: str, settings: Any, *, stamp: str, goal: str = "/wall", name: str = "", said: str = "",
    elsewhere: bool = False,
) -> str:  # fmt: skip
    """goal: where to go then; said: the sentence about the try before; elsewhere: the city has its own sign-in."""
    speak = say(lang)
    query = f"lang={lang}&theme={theme_of(theme)}&next={quote(goal, safe='')}"
    body = FORM.format(
        product=escape(speak("product")), query=escape(query), title=escape(speak("people.sign_in")),
        said=f'<p class="gate-said" role="alert">{escape(said)}</p>' if said else "",
        name_word=escape(speak("people.name")), password_word=escape(speak("people.password")), name=escape(name),
        focus_name="" if name else "autofocus", focus_password="autofocus" if name else "",
        enter=escape(speak("people.enter")), elsewhere=_elsewhere(speak, query) if elsewhere else "",
        notice=escape(speak("people.notice")), tongues=_tongues(lang, theme, goal),
    )  # fmt: skip
    return _shell(speak("people.sign_in"), body, lang, theme, settings, "sign-in", stamp, STYLES, "page gate-page")


def notice(
    lang: str, theme: str, settings: Any, sentences: Sequence[str], *, stamp: str, link: tuple[str, str] | None = None
) -> str:
    """A page that says one thing and, in smaller letters, what to do about it. link: address and its word."""
    first, *rest = map(escape, sentences)
    way = f'<p><a class="gate-way" href="{escape(link[0])}">{escape(link[1])}</a></p>' if link else ""
    body = f'<main class="gate gate-notice"><p class="gate-house">{escape(say(lang)("product"))}</p><h1>{first}</h1>'
    body += "".join(f'<p class="gate-do">{sentence}</p>' for sentence in rest) + way + "</main>"
    return _shell(first, body, lang, theme, settings, "notice", stamp, STYLES, "page gate-page")


def _shell(
    title: str, body: str, lang: str, theme: str, settings: Any, name: str, stamp: str, styles: Sequence[str], look: str
) -> str:
    links = "\n".join(f'<link rel="stylesheet" href="/assets/css/{style}?{stamp}">' for style in styles)
    style = ";".join(f"{key}:{value}" for key, value in variables(settings).items())
    return SHELL.format(
        tongue=TONGUES.get(lang, TONGUES["zh"]), title=f"{escape(title)} · Gridhall", icon=icon(stamp), styles=links,
        name=name, look=look, theme=theme_of(theme), lang=lang, style=escape(style), body=body,
    )  # fmt: skip


def _elsewhere(speak: Say, query: str) -> str:
    address, word = escape(f"/sign-in/elsewhere?{query}"), escape(speak("people.elsewhere"))
    middle = escape(speak("people.or"))
    return f'<p class="gate-or"><span>{middle}</span></p><a class="gate-else" href="{address}">{word}</a>'


def _tongues(lang: str, theme: str, goal: str) -> str:
    words = {"zh": "中文", "en": "English"}
    links: list[str] = []
    for tongue in LANGS:
        address = escape(f"/sign-in?lang={tongue}&theme={theme_of(theme)}&next={quote(goal, safe='')}")
        if tongue != lang:
            links.append(f'<a lang="{TONGUES[tongue]}" href="{address}">{words[tongue]}</a>')
    return " ".join(links)
