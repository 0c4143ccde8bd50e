"""Words of the page of refused records: its columns, and every kind and reason that ingest counts."""

from __future__ import annotations

__all__ = ["REJECTED"]

REJECTED: dict[str, tuple[str, str]] = {
    "rejected.none": ("没有拒收的记录。", "No record has been refused."),
    "rejected.what": (
        "接入时不合格的记录：按原因计数，最近的保留在此备查。",
        "Records refused at the door: counted by reason, the newest kept here.",
    ),
    "rejected.hidden": (
        "原文片段可能含个人信息，仅对有权查看个人信息或管理账号者显示。",
        "Excerpts may hold personal data: they are shown to those who may read it, or who keep the accounts.",
    ),
    "rejected.unkept": (
        "整个请求都无法读取的，不留原文。",
        "Of a request that could not be read as a whole, no excerpt is kept.",
    ),
    "rejected.counts": ("按原因", "By reason"),
    "rejected.recent": ("最近", "Newest"),
    "rejected.kind": ("种类", "Kind"),
    "rejected.reason": ("原因", "Reason"),
    "rejected.count": ("条数", "Records"),
    "rejected.source": ("来源", "Source"),
    "rejected.at": ("时间", "When"),
    "rejected.detail": ("说明", "What was wrong"),
    "rejected.body": ("原文片段", "Excerpt"),
    # kinds
    "refused.kind.fixes": ("定位", "Positions"),
    "refused.kind.events": ("事件", "Events"),
    "refused.kind.cameras": ("摄像机状态", "Camera states"),
    "refused.kind.heartbeat": ("心跳", "Heartbeats"),
    # reasons: of one record
    "refused.malformed": ("格式不符", "not in the form that is asked for"),
    "refused.no_zone": ("时间未带时区", "time without a zone"),
    "refused.nan": ("坐标不是数字", "position is not a number"),
    "refused.null_island": ("坐标为 0,0（终端未定位）", "position 0, 0: a terminal without sky"),
    "refused.swapped": ("经纬度颠倒", "longitude and latitude swapped"),
    "refused.out_of_range": ("坐标超出范围", "position not on the earth"),
    "refused.future": ("时间晚于当前时间", "time lies ahead of the hall"),
    "refused.too_old": ("时间过早", "too long ago"),
    "refused.unknown_worker": ("没有这名网格员", "no such worker"),
    "refused.unknown_camera": ("没有这台摄像机", "no such camera"),
    "refused.unknown_state": ("没有这种摄像机状态", "no such camera state"),
    "refused.unknown_status": ("没有这种事件状态", "no such status of an event"),
    "refused.unknown_level": ("没有这个层级", "no such level"),
    "refused.unfit": ("无法记入案件台账", "the ledger could not take it"),
    # notes: on what was taken although something in it cannot be
    "refused.noted": ("已接收，但{what}", "taken, though: {what}"),
    "refused.bad_position": ("坐标有误", "position cannot be"),
    "refused.bad_accuracy": ("精度有误", "accuracy cannot be"),
    "refused.bad_speed": ("速度有误", "speed cannot be"),
    "refused.bad_heading": ("方向有误", "heading cannot be"),
    "refused.bad_battery": ("电量有误", "battery cannot be"),
    "refused.bad_mock": ("模拟定位标志有误", "mark of a mock position cannot be"),
    "refused.bad_sos": ("求助标志有误", "mark of an SOS cannot be"),
    "refused.bad_indoor": ("室内标志有误", "mark of being indoors cannot be"),
    "refused.unknown_area": ("没有这个区域", "no such area"),
    "refused.unknown_grid": ("没有这个网格", "no such grid"),
    "refused.updated_before_reported": ("更新早于上报", "updated before it was reported"),
    # reasons: of a whole request
    "refused.no_key": ("未带密钥", "no key"),
    "refused.wrong_key": ("密钥不对", "a key that nobody knows"),
    "refused.broken": ("请求无法读取", "request cannot be read"),
    "refused.encoding": ("不支持的压缩方式", "packed in a way that is not read"),
    "refused.too_large": ("请求过大", "request too large"),
    "refused.unknown_kind": ("没有这种数据", "no such kind of feed"),
}
