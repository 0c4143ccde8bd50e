"""Words of refusals: why a move was not made, and what to do instead. One sentence for each code of NotAllowed."""

from __future__ import annotations

__all__ = ["REFUSED"]

REFUSED: dict[str, tuple[str, str]] = {
    # what was asked
    "no_such_move": ("没有“{move}”这个办理动作。", "There is no move called {move}."),
    "needs": ("办理“{move}”需要填写：{what}。", "“{move}” needs: {what}."),
    "wrong_value": (
        "“{move}”中的“{what}”填写有误，请检查后再提交。",
        "“{move}”: {what} makes no sense; please check it.",
    ),
    "untimely": (
        "所填时间 {said_at} 不合理（现在是 {now_at}）：不得晚于现在，也不得过早。",
        "The time {said_at} cannot be (it is {now_at}): it lies ahead, or too long ago.",
    ),
    "key_used": (
        "这个请求编号已用于案件 {case} 的另一次办理，请换一个编号。",
        "This request key was used for another move, on case {case}; please take a new one.",
    ),
    "no_such_department": (
        "没有名为“{department}”的承办单位，请从单位名录中选择。",
        "There is no department “{department}”; please choose one of the list.",
    ),
    "no_such_proof": (
        "案件 {case_id} 没有您所列的处置凭证，请先上传附件再提交。",
        "Case {case_id} has no such file; attach the proof first, then name it.",
    ),
    # who asks
    "role": (
        "“{move}”由{roles}办理，您的角色是{role}。",
        "“{move}” is for the {roles}; you are a {role}.",
    ),
    "scope": (
        "案件 {case_id} 不在您的管辖范围（{scope}）内。",
        "Case {case_id} lies outside your area ({scope}).",
    ),
    "level": (
        "案件 {case_id} 现由{level}一级办理，请联系该级调度员，或由其下派。",
        "Case {case_id} is with the {level} level now; ask its dispatcher, or let them hand it down.",
    ),
    "own": (
        "案件 {case_id} 的任务在 {handler} 手上，只有承办人可以这样办理。",
        "The order of case {case_id} is with {handler}; only its handler can do this.",
    ),
    "not_handler": (
        "案件 {case_id} 由 {handler} 处置，核查与评价须由他人进行。",
        "Case {case_id} was handled by {handler}; somebody else must judge that.",
    ),
    "senior": (
        "案件 {case_id} 的这项申请须由区级或市级领导、调度员批准。",
        "For case {case_id} this must be granted by a leader or a dispatcher of the district or the city.",
    ),
    "second_level": (
        "案件 {case_id} 的延期已由 {by} 批准，第二级须由上一级批准（区级之后为领导或市级）。",
        "{by} has granted the extension of case {case_id}; the second signature is of a higher level "
        "(after the district's: its leader, or the city).",
    ),
    "not_asker": (
        "案件 {case_id} 的申请由您提出，须由他人审批。",
        "You asked for this on case {case_id}; somebody else must decide.",
    ),
    "not_approver": (
        "案件 {case_id} 的延期您已批准过一次，第二级须由他人批准。",
        "You have granted the extension of case {case_id} once; the second level is another person's.",
    ),
    # claims
    "claimed": (
        "案件 {case_id} 正由 {by}（坐席 {seat}）办理，需要时请先接手。",
        "Case {case_id} is being worked on by {by} (seat {seat}); take it over first if you must.",
    ),
    "nobody_claimed": ("案件 {case_id} 目前无人认领。", "Nobody has claimed case {case_id}."),
    "not_claimer": (
        "案件 {case_id} 由 {by} 认领，只有本人可以释放；需要时请接手。",
        "Case {case_id} is claimed by {by}, who alone can release it; take it over if you must.",
    ),
    "own_claim": ("案件 {case_id} 已由您认领。", "Case {case_id} is claimed by you already."),
    # where it stands
    "step": (
        "案件 {case_id} 现处于“{step}”，“{move}”只能在“{before}”时办理。请刷新后再办。",
        "Case {case_id} is at “{step}” now; “{move}” needs “{before}”. Please look again.",
    ),
    "checked_already": ("案件 {case_id} 已经核实过。", "Case {case_id} was checked already."),
    "accept_first": (
        "案件 {case_id} 的任务尚未接单，请先接单再反馈处置结果。",
        "The order of case {case_id} was not accepted; accept it first, then report on it.",
    ),
    "no_order_sent": (
        "案件 {case_id} 没有待送达的任务。",
        "Case {case_id} has no order that is on its way.",
    ),
    "no_order_open": (
        "案件 {case_id} 没有待接的任务，可能已接单或已退回。请刷新后再办。",
        "Case {case_id} has no order waiting to be accepted; perhaps it was already. Please look again.",
    ),
    "not_unread": (
        "案件 {case_id} 的任务还在接单时限内（至 {due_at}），不自动收回。",
        "The order of case {case_id} may still be accepted (until {due_at}); it does not come back yet.",
    ),
    # answers to citizens
    "answer_first": (
        "案件 {case_id} 的群众还在等回复，请先“答复群众”再归档。",
        "Somebody waits for an answer on case {case_id}; answer first, then archive.",
    ),
    "answer_void": (
        "案件 {case_id} 的群众还在等回复，作废时请写明给群众的答复。",
        "Somebody waits for an answer on case {case_id}; say with the voiding what they are told.",
    ),
    "nobody_waits": (
        "案件 {case_id} 没有需要答复的群众。",
        "Nobody waits for an answer on case {case_id}.",
    ),
    "not_answered_yet": (
        "案件 {case_id} 还没有答复群众，暂不能登记群众评价。",
        "Case {case_id} was not answered yet, so there is nothing to be content with.",
    ),
    "not_whole_way": (
        "案件 {case_id} 已作废或并案，不参加考核评价。",
        "Case {case_id} was voided or merged; it is not appraised.",
    ),
    # more time
    "no_due": (
        "案件 {case_id} 没有办理时限，无需延期。",
        "Case {case_id} has no due time; there is nothing to extend.",
    ),
    "extend_too_late": (
        "案件 {case_id} 已于 {due_at} 到期，到期后不能再申请延期；如有正当理由，请申诉。",
        "Case {case_id} was due at {due_at}; no extension after that. Appeal if there was a reason.",
    ),
    "extends_used": (
        "案件 {case_id} 已延期两次，不能再延。",
        "Case {case_id} was extended twice; that is all there is.",
    ),
    "extend_pending": (
        "案件 {case_id} 已有延期申请在等审批。",
        "An extension of case {case_id} is asked for already and waits to be decided.",
    ),
    "extend_not_asked": ("案件 {case_id} 没有待批的延期申请。", "No extension of case {case_id} waits to be decided."),
    # parking
    "parked": ("案件 {case_id} 已挂账，请先解除挂账。", "Case {case_id} is parked; take it up again first."),
    "not_parked": ("案件 {case_id} 没有挂账。", "Case {case_id} is not parked."),
    "still_parked": (
        "案件 {case_id} 挂账至 {due_at}，未到期不自动解除。",
        "Case {case_id} is parked until {due_at}; before that only people take it up.",
    ),
    "parks_used": ("案件 {case_id} 已挂账一次，不能再挂。", "Case {case_id} was parked once; that is all there is."),
    "park_pending": (
        "案件 {case_id} 已有挂账申请在等审批。",
        "A parking of case {case_id} is asked for already and waits to be decided.",
    ),
    "park_not_asked": ("案件 {case_id} 没有待批的挂账申请。", "No parking of case {case_id} waits to be decided."),
    # levels
    "top_level": (
        "案件 {case_id} 已在区级，不能再上报；疑难案件请召开联席会议。",
        "Case {case_id} is with the district already; for a hard case call a joint meeting.",
    ),
    "no_lower_level": (
        "案件 {case_id} 没有可下派的下一级，或其位置未落到街道、社区。",
        "There is no level below for case {case_id}, or its street or community is not known.",
    ),
    # joint meetings
    "joint_pending": (
        "案件 {case_id} 的联席会议尚未结束，请等各单位答复，或由召集人结束会议。",
        "The joint meeting on case {case_id} is not over: its owners must answer, or whoever called it closes it.",
    ),
    "no_joint": ("案件 {case_id} 没有进行中的联席会议。", "There is no joint meeting on case {case_id}."),
    "not_invited": (
        "案件 {case_id} 的联席会议没有您所在的单位。",
        "Your department is not at the joint meeting on case {case_id}.",
    ),
    "joint_answered": (
        "案件 {case_id} 的联席会议，您所在的单位已由 {by} 答复。",
        "{by} has answered for your department at the joint meeting on case {case_id}.",
    ),
    # merged
    "no_such_target": ("要并入的案件 {into} 不存在。", "There is no case {into} to merge into."),
    "wrong_target": (
        "案件 {case_id} 不能并入 {into}：须为同一区县内另一件在办案件。",
        "Case {case_id} cannot be merged into {into}: it must be another open case of the same district.",
    ),
    "not_merged": ("案件 {case_id} 没有并入其他案件。", "Case {case_id} was not merged into another."),
    "unmerge_instead": (
        "案件 {case_id} 已并案，请用“拆案”恢复。",
        "Case {case_id} was merged; unmerge it instead.",
    ),
    # appeals
    "appeal_pending": (
        "案件 {case_id} 已有申诉在等裁定。",
        "An appeal on case {case_id} waits to be heard already.",
    ),
    "appeal_not_asked": ("案件 {case_id} 没有待裁定的申诉。", "No appeal on case {case_id} waits to be heard."),
    "exempt_already": ("案件 {case_id} 已有免责标记。", "Case {case_id} is marked as exempt already."),
    # the hall
    "nothing_to_erase": (
        "案件 {case_id} 没有可删除的此类个人信息。",
        "Case {case_id} has no such personal data left to erase.",
    ),
    "nothing_to_recompute": (
        "案件 {case_id} 的时限与现行规则一致。",
        "The due time of case {case_id} agrees with the rules of today.",
    ),
}
