"""People: who walks the grids of a demo city (every name is made up)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.cities.plans import Plan
from feeds.cities.terrain import chance
from feeds.city import Workers

__all__ = ["workers"]

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红鑫飞玲建国志文海燕春梅晓东丹辉力鹏浩然宇欣怡佳"
    "婷俊博思雨晨曦雪琴利民永福立新庆云凤兰淑珍少华光"
)


def workers(plan: Plan, weight: npt.NDArray[np.float64], seed: str) -> Workers:
    """Full-time workers first, one grid each as far as they go; part-time workers where most households are."""
    full = _dealt(plan.full_time, weight)
    part = _dealt(plan.part_time, weight)
    count = len(full) + len(part)
    terminal = np.ones(count, bool)
    if plan.terminals:
        # The full-time have theirs; part-time workers share what is left.
        terminal[plan.terminals :] = False
    return Workers(
        worker_id=np.array([f"{plan.prefix}-W{n + 1:05d}" for n in range(count)]),
        name=_names(count, seed),
        role=np.concatenate([np.zeros(len(full), np.uint8), np.ones(len(part), np.uint8)]),
        grid=np.concatenate([full, part]).astype(np.int32),
        terminal=terminal,
    )


def _dealt(count: int, weight: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Grid rows for `count` people: evenly where they suffice, and where there are more or fewer, by weight."""
    grids = len(weight)
    rounds, rest = divmod(count, grids)
    step = np.cumsum(weight) / weight.sum() * rest
    extra = np.searchsorted(step, np.arange(rest) + 0.5)
    return np.sort(np.concatenate([np.tile(np.arange(grids), rounds), extra]), kind="stable")


def _names(count: int, seed: str) -> npt.NDArray[np.str_]:
    random = chance(seed, "people").random((count, 4))
    # Early surnames are the common ones.
    first = (random[:, 0] ** 1.8 * len(SURNAMES)).astype(int)
    second, third = (random[:, 1:3].T * len(GIVEN)).astype(int)
    return np.array(
        [
            SURNAMES[a] + GIVEN[b] + (GIVEN[c] if long else "")
            for a, b, c, long in zip(first, second, third, random[:, 3] < 0.85, strict=True)
        ]
    )
