"""Words of events: steps, levels, age bands, and what the panels about them say."""

from __future__ import annotations

__all__ = ["EVENTS"]

EVENTS: dict[str, tuple[str, str]] = {
    # the six steps
    "step.reported": ("发现上报", "Reported"),
    "step.dispatched": ("受理派遣", "Dispatched"),
    "step.handled": ("处置反馈", "Handled"),
    "step.verified": ("任务核查", "Verified"),
    "step.archived": ("事件归档", "Archived"),
    "step.appraised": ("考核评价", "Appraised"),
    # the three levels
    "level.community": ("社区", "Community"),
    "level.street": ("街道", "Street"),
    "level.district": ("区级", "District"),
    # the four age bands
    "band.due": ("期内", "In time"),
    "band.soon": ("将到期", "Due soon"),
    "band.overdue": ("超期", "Overdue"),
    "band.long_open": ("久拖", "Long-open"),
    # backlog
    "backlog.limit.day": ("24 h 最高", "day peak"),
    "backlog.limit.set": ("上限", "limit"),
    "backlog.hour": ("较 1 h 前", "vs 1 h ago"),
    "backlog.same": ("持平", "same"),
    "backlog.none": ("无积压", "none open"),
    # classes
    "classes.overdue": ("超期 {rate}", "overdue {rate}"),
    "classes.rest": ("其余 {n} 类", "{n} other classes"),
    # trend
    "trend.received": ("上报", "in"),
    "trend.archived": ("归档", "closed"),
    "trend.open": ("在办", "open"),
    "trend.now": ("在办", "open"),
    "trend.day": ("24 h 上报 {received} · 归档 {archived}", "24 h: {received} in · {archived} out"),
    # newest, oldest
    "latest.newest": ("最新", "Newest"),
    "latest.oldest": ("最久", "Oldest"),
    "latest.none": ("没有在办事件", "nothing is open"),
    "place.none": ("无位置", "no position"),
    "place.no_grid": ("不在任何网格", "in no grid"),
    # hottest
    "hottest.none": ("近期没有热点", "no hot place of late"),
    "hottest.what": ("热度：每起事件记 1，每 {n} min 减半", "heat: 1 an event, halved every {n} min"),
    "hottest.heat": ("热度 {n}", "heat {n}"),
    "hottest.side.n": ("北", "north"),
    "hottest.side.ne": ("东北", "north-east"),
    "hottest.side.e": ("东", "east"),
    "hottest.side.se": ("东南", "south-east"),
    "hottest.side.s": ("南", "south"),
    "hottest.side.sw": ("西南", "south-west"),
    "hottest.side.w": ("西", "west"),
    "hottest.side.nw": ("西北", "north-west"),
    # river
    "river.median": ("中位 {age}", "median {age}"),
    "river.whole": ("全程 {age}", "whole way {age}"),
    "river.passed": ("1 h 通过 {n}", "{n} in 1 h"),
    "river.rate": ("{n} / h", "{n} / h"),
    "river.returned": ("回退 {n}", "{n} stepped back"),
    "river.parked": ("挂账 {n}", "{n} parked"),
    "river.before": ("曾退回 {n}", "{n} returned"),
    # beside the map
    "beside.nowhere": ("{n} 件无位置", "{n} without position"),
    # legend
    "legend.backlog": ("积压 少→多", "backlog low→high"),
    "legend.heat": ("热度 低→高", "heat low→high"),
    "legend.event": ("新事件", "new event"),
    "legend.track": ("轨迹 旧→新", "track old→new"),
    # events page columns
    "column.event": ("事件", "Event"),
    "column.class": ("类别", "Class"),
    "column.step": ("环节", "Step"),
    "column.level": ("层级", "Level"),
    "column.band": ("时限", "Time limit"),
    "column.place": ("区域", "Area"),
    "column.reported": ("上报", "Reported"),
    "column.due": ("到期", "Due"),
    "column.age": ("已历时", "Age"),
}
