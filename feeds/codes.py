"""Codes: tells a sound code from one that a spreadsheet has damaged. Codes are opaque: text, never numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from feeds.findings import Findings

__all__ = ["sound"]

EATEN = re.compile(r"^[+-]?\d+(\.\d+)?[eE][+-]?\d+$")
FLOAT = re.compile(r"^(\d+)\.0+$")
#: A spreadsheet keeps 15 digits of a number; whatever stood behind them has become zeros.
KEPT_DIGITS = 15


def sound(values: Sequence[object], what: str, places: Sequence[str], findings: Findings) -> list[str]:
    """One code a row, all different, made up where there is none to be had; every repair is told."""
    codes = [_one(value, what, place, findings) for value, place in zip(values, places, strict=True)]
    seen: dict[str, str] = {}
    for n, (code, place) in enumerate(zip(codes, places, strict=True)):
        if code in seen:
            codes[n] = _another(code, seen)
            findings.add(
                "duplicate-code", "error",
                f"{what} code {code} stands at {seen[code]} and again at {place}; the second is kept as {codes[n]}",
                (code,),
            )  # fmt: skip
        seen[codes[n]] = place
    return codes


def _another(code: str, seen: dict[str, str]) -> str:
    number = 2
    while f"{code}~{number}" in seen:
        number += 1
    return f"{code}~{number}"


def _one(value: object, what: str, place: str, findings: Findings) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    text = "" if value is None else str(value)
    code = "".join(unicodedata.normalize("NFKC", text).strip("\ufeff'\"` \t\u3000").split())
    if not code or code.lower() in {"nan", "none", "null"}:
        return _made(f"{what} at {place} has no code", "no-code", what, place, findings)
    if EATEN.match(code):
        sentence = (
            f"{what} code {code} at {place} was a long number that a spreadsheet has rounded; export it again as text"
        )
        return _made(sentence, "damaged-code", what, place, findings)
    if whole := FLOAT.match(code):
        code = whole[1]
        findings.add("float-code", "warning", f"{what} code {text} at {place} was read as {code}", (code,))
    elif code != text:
        findings.add("untidy-code", "warning", f"{what} code {text!r} at {place} was read as {code}", (code,))
    _doubt(code, value, what, place, findings)
    return code


def _doubt(code: str, value: object, what: str, place: str, findings: Findings) -> None:
    long = code.isdigit() and len(code) > KEPT_DIGITS
    if long and (set(code[KEPT_DIGITS:]) == {"0"} or isinstance(value, int | float)):
        findings.add(
            "rounded-code",
            "warning",
            f"{what} code {code} at {place} may have lost its last digits in a spreadsheet",
            (code,),
        )


def _made(sentence: str, finding: str, what: str, place: str, findings: Findings) -> str:
    code = f"{what}@{place}"
    findings.add(finding, "error", f"{sentence}; it is kept as {code}", (code,))
    return code
