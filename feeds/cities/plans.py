"""Plans: what each of the five cities is to have, exactly, and where its towns stand, roughly."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NAMES", "PLANS", "Plan"]

Added = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Plan:
    """Counts are exact; `urban`, `scenic`, `dedicated`: grids of that kind (urban -1: as many as the names say)."""

    name: str
    name_en: str
    prefix: str
    outlines: str
    districts: tuple[str, ...]
    simplify: float
    grids: int
    full_time: int
    part_time: int
    cameras: int
    urban: int = -1
    scenic: int = 0
    scenic_names: tuple[str, ...] = ()
    dedicated: int = 0
    terminals: int = 0
    communities: int = 0
    #: endings of street names that are kept (empty: all), and names kept besides
    only: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    added: tuple[Added, ...] = ()
    #: how wild the land is: 1 is a plain with straight lanes
    bend: float = 1.0
    #: square metres a grid takes at the middle of a town, and how much of the usual share lives in towns
    block: float = 55_000.0
    town: float = 1.0

    def keeps(self, street: str) -> bool:
        return (not self.only or street.endswith(self.only) or street in self.also) and "监狱" not in street


PLANS = {
    "wulingyuan": Plan(
        "武陵源区", "Wulingyuan", "WLY", "zhangjiajie_counties_amap_wgs84.geojson", ("430811",), 0.00025,
        grids=68, full_time=404, part_time=0, cameras=522, urban=15, scenic=8,
        scenic_names=("袁家界", "张家界", "杨家界", "天子山", "索溪林场", "黄龙", "宝峰", "锣鼓塔"),
        added=(
            ("430811003", "天子山街道", ("天子山社区", "向家坪社区", "泗南峪社区", "黄河村")),
            ("430811004", "索溪峪街道", ("喻家嘴社区", "双星村", "双文村", "田富村", "金杜村", "索溪林场生活区")),
        ),
        bend=1.5, block=220_000.0, town=0.5,
    ),
    "yangling": Plan(
        "杨陵区", "Yangling", "YL", "xianyang_counties_amap_wgs84.geojson", ("610403",), 0.0002,
        grids=404, full_time=404, part_time=0, cameras=2300, urban=272,
    ),
    "zhoushan": Plan(
        "舟山市", "Zhoushan", "ZS", "zhoushan_counties_amap_wgs84.geojson",
        ("330902", "330903", "330921", "330922"), 0.0004,
        grids=2463, full_time=2463, part_time=4926, cameras=1800,
        added=(
            ("330902201", "北蝉乡", ("洪家村", "星塔村", "星马村", "小展村", "高新区北蝉管理区")),
            ("330902202", "册子乡", ("南岙村", "桃夭门村", "册北村")),
            ("330902203", "长白乡", ("前湾村", "后岸村")),
            ("330903201", "登步乡", ("大岙村", "竹东村")),
            ("330903202", "白沙乡", ("白沙港村",)),
            ("330903203", "蚂蚁岛乡", ("蚂蚁岛村",)),
            ("330903204", "佛渡乡", ("佛渡村",)),
        ),
        bend=1.3,
    ),
    "changzhou": Plan(
        "常州市", "Changzhou", "CZ", "changzhou_counties_amap_wgs84.geojson",
        ("320402", "320404", "320411", "320412", "320413", "320481"), 0.0004,
        grids=6257, full_time=3420, part_time=9660, cameras=2000, dedicated=1295, terminals=8507,
    ),
    "jiamusi": Plan(
        "佳木斯市", "Jiamusi", "JMS", "jiamusi_counties_amap_wgs84.geojson",
        ("230803", "230804", "230805", "230811", "230822", "230826", "230828", "230881", "230882", "230883"), 0.0015,
        grids=8541, full_time=8541, part_time=26459, cameras=2300, communities=1160, only=("街道", "镇", "乡"),
        also=("建三江管理局局直",),
    ),
}  # fmt: skip

NAMES = tuple(PLANS)
