"""Words of questions that cannot be answered: what is wrong, in Chinese first, with the parameter, for whoever asks so.

A question is refused in English, as "parameter: why"; that stands behind the Chinese sentence, for whoever wrote the
program that asked.
"""

from __future__ import annotations

import re

__all__ = ["ASKED", "told"]

#: status → (Chinese, English) where nothing better is known.
ASKED: dict[str, tuple[str, str]] = {
    "asked.400": ("请求无法理解，请检查所填内容", "The question cannot be understood"),
    "asked.404": ("没有找到所请求的内容", "Nothing has that name"),
    "asked.415": ("请求的内容类型不被接受", "A body of this kind is not read here"),
    "asked.field": ("“{field}”有误", "{field} is wrong"),
}

#: What types are called.
KINDS = {
    "int": "整数", "float": "数字", "str": "文字", "bool": "true 或 false", "object": "对象", "array": "列表",
    "null": "空值",
}  # fmt: skip

#: How a sentence reads in English → in Chinese. The first that fits.
SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"there is no parameter (?P<a>\S+)", "没有名为“{a}”的参数"),
        (r"object missing required field (?P<a>\S+)", "缺少必填项“{a}”"),
        (r"the words are (?P<words>.+), not (?P<a>.+)", "{a} 不在可选值之中，可选 {words}"),
        (r"invalid enum value (?P<a>.+)", "{a} 不在可选值之中"),
        (r"expected str of length <= (?P<a>\d+)", "最长 {a} 个字符"),
        (r"expected str of length >= (?P<a>\d+)", "至少 {a} 个字符"),
        (r"expected (?P<kind>\w+) >= (?P<a>[\d.-]+)", "应为不小于 {a} 的{kind}"),
        (r"expected (?P<kind>\w+) <= (?P<a>[\d.-]+)", "应为不大于 {a} 的{kind}"),
        (r"expected (?P<kind>\w+)(?: \| null)?, got (?P<other>\w+)", "应为{kind}，收到的是{other}"),
        (r"expected ISO 8601", "应为带时区的 ISO 8601 时间，或 1970 年以来的秒数"),
        (r"has no zone", "时间须带时区，请加 Z 或 +08:00"),
        (r"is later than to|must lie before to", "起始时间须早于结束时间"),
        (r"expected west,south,east,north|west,south,east,north must", "应为“西,南,东,北”四个经纬度"),
        (r"expected lon,lat|lon,lat must", "应为“经度,纬度”"),
        (r"expected the `next` of the page before", "应为上一页返回的 next"),
        (r"is too long ago; of tracks", "时间过早，轨迹只保留最近一小时"),
        (r"(?P<a>\S+) is a grid; ask for its area, (?P<b>\S+)", "{a} 是网格，请查询其所属区域 {b}"),
        (r"lies in the future", "时间不得晚于当前时间"),
        (r"the body is no JSON", "请求正文不是有效的 JSON"),
        (r"character NUL", "不得含有空字符"),
        (r"there is no case", "没有这个案件"),
        (r"there is no indicator", "没有这项指标"),
        (r"there is no page", "没有这个页面"),
        (r"there is no area", "没有这个区域"),
    )
)


def told(status: int, said: str, lang: str) -> str:
    """What a caller of that language reads. said: in English, with the parameter first where there is one."""
    if lang == "en" or "\u4e00" <= said[:1] <= "\u9fff":
        return said
    field = re.match(r"([\w.\[\]-]{1,60}): ", said)
    why = next((_filled(words, found) for pattern, words in SENTENCES if (found := pattern.search(said))), "")
    lead = ASKED["asked.field"][0].format(field=field[1]) if field else ""
    sentence = "：".join(filter(None, (lead, why))) or ASKED.get(f"asked.{status}", ASKED["asked.400"])[0]
    return f"{sentence}。({said})"


def _filled(words: str, found: re.Match[str]) -> str:
    return words.format(**{name: KINDS.get(part, part) for name, part in found.groupdict().items()})
