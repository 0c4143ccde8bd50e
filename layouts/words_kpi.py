"""Words of the numbers: what each indicator is called, how it is counted, and how two periods are compared."""

from __future__ import annotations

__all__ = ["FORMULAS", "KPI"]

KPI: dict[str, tuple[str, str]] = {
    # counts
    "kpi.received": ("上报数", "Received"),
    "kpi.valid": ("有效上报数", "Valid reports"),
    "kpi.accepted": ("受理数", "Accepted"),
    "kpi.dispatched": ("派遣数", "Dispatched"),
    "kpi.handled": ("处置数", "Handled"),
    "kpi.verified": ("核查数", "Verified"),
    "kpi.archived": ("归档数", "Archived"),
    "kpi.appraised": ("考评数", "Appraised"),
    # what stands
    "kpi.backlog": ("积压数", "Backlog"),
    "kpi.overdue_rate": ("在办超期率", "Overdue share of open cases"),
    # rates
    "kpi.closed_rate": ("办结率", "Closed rate"),
    "kpi.loop_rate": ("闭环率", "Loop rate"),
    "kpi.filing_rate": ("立案率", "Filing rate"),
    "kpi.on_time_rate": ("按期办结率", "On-time rate"),
    "kpi.rework_rate": ("返工率", "Rework rate"),
    "kpi.return_rate": ("回退率", "Return rate"),
    "kpi.dispatch_accuracy": ("派遣准确率", "Dispatch accuracy"),
    "kpi.extension_rate": ("延期率", "Extension rate"),
    "kpi.parking_rate": ("挂账率", "Parking rate"),
    "kpi.grid_level_rate": ("社区网格内办结率", "Solved at community level"),
    "kpi.satisfaction": ("满意率", "Satisfaction"),
    "kpi.answer_rate": ("回复率", "Answer rate"),
    # times
    "kpi.response_time": ("响应时长", "Response time"),
    "kpi.solve_time": ("处置时长", "Solving time"),
    "kpi.close_time": ("办结时长", "Closing time"),
    "kpi.feedback_time": ("反馈时长", "Feedback time"),
    "kpi.step_time": ("各环节耗时", "Time in each step"),
    "kpi.hop_time": ("各交接耗时", "Time of each handing over"),
    # from hand to hand
    "kpi.hop.to_dispatch": ("上报 → 派遣", "report → dispatch"),
    "kpi.hop.to_accept": ("派遣 → 接单", "dispatch → accept"),
    "kpi.hop.to_handle": ("接单 → 处置", "accept → handle"),
    "kpi.hop.to_verify": ("处置 → 核查", "handle → verify"),
    "kpi.hop.to_archive": ("核查 → 归档", "verify → archive"),
    "kpi.hop.to_appraise": ("归档 → 考评", "archive → appraise"),
    # units
    "kpi.unit.cases": ("件", "cases"),
    "kpi.unit.percent": ("%", "%"),
    "kpi.unit.hours": ("小时", "hours"),
    "kpi.points": ("个百分点", "points"),
    "kpi.clock.own": ("按各案件时钟（连续或工作时间）", "by each case's own clock (day and night, or working time)"),
    "kpi.clock.continuous": ("按连续时间", "day and night"),
    # what is left out
    "kpi.left": ("未计入", "left out"),
    "kpi.left.void": ("作废", "void"),
    "kpi.left.merged": ("并案", "merged"),
    "kpi.left.exempt": ("申诉豁免", "exempted by appeal"),
    "kpi.left.no_due": ("无时限", "without due time"),
    "kpi.left.unrated": ("未评价", "not rated"),
    "kpi.left.no_citizen": ("无需回复", "no answer needed"),
    "kpi.left.unmeasured": ("时间缺失", "a time is missing"),
    "kpi.left.backwards": ("时间倒置", "times run backwards"),
    # two periods
    "kpi.last": ("环比", "on the period before"),
    "kpi.year": ("同比", "on a year ago"),
    "kpi.so_far": ("同进度", "as far into it"),
    "kpi.few": ("样本不足", "too few cases"),
    "kpi.tie": ("并列", "tie"),
    "kpi.rank": ("第 {rank} 名", "no. {rank}"),
    # periods
    "kpi.period.today": ("今日", "today"),
    "kpi.period.yesterday": ("昨日", "yesterday"),
    "kpi.period.week": ("本周", "this week"),
    "kpi.period.last_week": ("上周", "last week"),
    "kpi.period.month": ("本月", "this month"),
    "kpi.period.last_month": ("上月", "last month"),
    "kpi.period.quarter": ("本季度", "this quarter"),
    "kpi.period.last_quarter": ("上季度", "last quarter"),
    "kpi.period.year": ("今年", "this year"),
    "kpi.period.last_year": ("去年", "last year"),
}

#: How it is counted, for whoever asks where a number comes from. Not among the words that every page carries.
FORMULAS: dict[str, tuple[str, str]] = {
    "received": (
        "期内收到的全部上报（含后来作废、并案的）",
        "All reports received in the period, those that were voided or merged later among them",
    ),
    "valid": ("期内收到的上报 − 作废 − 并案", "Reports received in the period − void − merged"),
    "accepted": (
        "期内受理（首次派遣；未经派遣即办理的，以其首个后续环节为准）的案件",
        "Cases accepted in the period: first dispatched, or, where solved without that, in their first later step",
    ),
    "dispatched": ("期内首次派遣的案件（一案计一次）", "Cases first dispatched in the period, each counted once"),
    "handled": ("期内首次处置反馈的案件（一案计一次）", "Cases first handled in the period, each counted once"),
    "verified": ("期内通过核查的案件（以最近一次为准）", "Cases verified in the period, by the last time"),
    "archived": ("期内归档且未重开的案件", "Cases archived in the period and not opened again"),
    "appraised": ("期内考评的案件", "Cases appraised in the period"),
    "backlog": (
        "期末（或当前）已收到且未归档的案件；环节与层级以当前为准",
        "Cases received and not archived at the end of the period, or now; their step and level are today's",
    ),
    "overdue_rate": (
        "期末（或当前）在办案件中已超期的 ÷ 在办案件；挂起的时钟停在挂起时",
        "Open and overdue ÷ open, at the end of the period or now; a paused clock stands where it was stopped",
    ),
    "closed_rate": (
        "期内收到且期末前已归档的 ÷ 期内收到的（作废、并案除外）",
        "Received in the period and archived before its end ÷ received in the period, without void and merged",
    ),
    "loop_rate": (
        "期内受理且期末前已归档的 ÷ 期内受理的",
        "Accepted in the period and archived before its end ÷ accepted in the period",
    ),
    "filing_rate": (
        "期内收到且期末前已受理的 ÷ 期内收到的（作废计入分母，并案除外）",
        "Received in the period and accepted before its end ÷ received in the period "
        "(void ones count below, merged do not)",
    ),
    "on_time_rate": (
        "期内按期归档的 ÷（期内归档的 + 期末仍在办且已超期的）；申诉豁免与无时限的不计",
        "Archived in time in the period ÷ (archived in the period + open and overdue at its end); "
        "without those exempted by appeal and those without due time",
    ),
    "rework_rate": (
        "期内首次处置的案件中曾返工的 ÷ 期内首次处置的案件",
        "Sent back to be done again ÷ cases first handled in the period",
    ),
    "return_rate": (
        "期内首次派遣的案件中曾回退的 ÷ 期内首次派遣的案件",
        "Returned as not ours ÷ cases first dispatched in the period",
    ),
    "dispatch_accuracy": (
        "1 − 曾回退的 ÷ 期内首次派遣的案件",
        "1 − returned ÷ cases first dispatched in the period",
    ),
    "extension_rate": (
        "期内首次派遣的案件中曾延期的 ÷ 期内首次派遣的案件",
        "Extended ÷ cases first dispatched in the period",
    ),
    "parking_rate": (
        "期内受理的案件中曾挂账的 ÷ 期内受理的案件",
        "Parked ÷ cases accepted in the period",
    ),
    "grid_level_rate": (
        "期内归档且在社区（网格）层级办结的 ÷ 期内归档的",
        "Archived at community level ÷ archived in the period",
    ),
    "satisfaction": (
        "评价为 4 分或 5 分的 ÷ 期内归档且有评价的（满分 5 分）",
        "Rated 4 or 5 of 5 ÷ archived in the period and rated",
    ),
    "answer_rate": (
        "已回复来件人的 ÷ 期内归档且需回复的（件件有回音）",
        "The reporter was answered ÷ archived in the period and a reporter waited for an answer",
    ),
    "response_time": (
        "从收到到首次派遣，期内首次派遣的案件的中位数、90 分位数与均值；含时钟挂起的时间",
        "From receipt to first dispatch: median, 90th percentile and mean of the cases first dispatched in the period; "
        "pauses of the clock are in it",
    ),
    "solve_time": (
        "从收到到最近一次处置反馈，期内处置的案件的中位数、90 分位数与均值；含时钟挂起的时间",
        "From receipt to the last handling: median, 90th percentile and mean of the cases handled in the period; "
        "pauses of the clock are in it",
    ),
    "close_time": (
        "从收到到归档，期内归档的案件的中位数、90 分位数与均值；含时钟挂起的时间",
        "From receipt to archive: median, 90th percentile and mean of the cases archived in the period; "
        "pauses of the clock are in it",
    ),
    "feedback_time": (
        "从收到到回复来件人，期内回复的案件的中位数、90 分位数与均值；含时钟挂起的时间",
        "From receipt to the answer to the reporter: median, 90th percentile and mean of the cases answered in the "
        "period; pauses of the clock are in it",
    ),
    "step_time": (
        "期内归档的案件在各环节停留的小时数 ÷ 案件数；占比 = 该环节小时数 ÷ 全部小时数（连续时间）",
        "Hours that cases archived in the period stood in each step ÷ cases; share: of all hours (day and night)",
    ),
    "hop_time": (
        "期内归档的案件每次交接所用的小时数 ÷ 有该交接的案件数；占比 = 该交接小时数 ÷ 全部小时数（连续时间）",
        "Hours of each handing over of cases archived in the period ÷ cases that had it; share: of all hours "
        "(day and night)",
    ),
}
