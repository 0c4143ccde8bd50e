"""Words of moves: what each is called, what it needs, how orders and endings are named; and the sentences of refusals.

`layouts.refusing.refusal` says a refusal with its values in words ("受理派遣", not "dispatched").
"""

from __future__ import annotations

from layouts.words_refusals import REFUSED

__all__ = ["MOVE_WORDS", "REFUSALS"]

MOVE_WORDS: dict[str, tuple[str, str]] = {
    # moves along the six steps
    "move.report": ("发现上报", "Report"),
    "move.tell": ("来源更新", "Word of the source"),
    "move.check": ("核实", "Check"),
    "move.dispatch": ("受理派遣", "Dispatch"),
    "move.redispatch": ("改派", "Give to another"),
    "move.deliver": ("送达", "Delivered"),
    "move.accept": ("接单", "Accept"),
    "move.reject": ("拒单", "Reject"),
    "move.return": ("回退", "Return"),
    "move.come_back": ("超时收回", "Came back unread"),
    "move.handle": ("处置反馈", "Report as handled"),
    "move.solve_on_spot": ("当场解决", "Solved on the spot"),
    "move.verify": ("任务核查", "Verify"),
    "move.rework": ("返工", "Rework"),
    "move.archive": ("事件归档", "Archive"),
    "move.appraise": ("考核评价", "Appraise"),
    # answers
    "move.answer": ("答复群众", "Answer the citizen"),
    "move.feedback": ("群众评价", "Citizen's feedback"),
    # time
    "move.extend": ("申请延期", "Ask for an extension"),
    "move.approve_extend": ("批准延期", "Grant the extension"),
    "move.refuse_extend": ("不准延期", "Refuse the extension"),
    "move.park": ("申请挂账", "Ask to park"),
    "move.approve_park": ("批准挂账", "Grant the parking"),
    "move.refuse_park": ("不准挂账", "Refuse the parking"),
    "move.unpark": ("解除挂账", "Take up again"),
    "move.urge": ("督办", "Urge"),
    # whose it is
    "move.claim": ("认领", "Claim"),
    "move.take_over": ("接手", "Take over"),
    "move.release": ("释放", "Release"),
    "move.escalate": ("上报上级", "Escalate"),
    "move.hand_down": ("下派", "Hand down"),
    "move.joint": ("联席会议", "Joint meeting"),
    "move.joint_answer": ("联席答复", "Answer the joint meeting"),
    "move.joint_close": ("结束联席会议", "Close the joint meeting"),
    # ways out, and back
    "move.merge": ("并案", "Merge"),
    "move.unmerge": ("拆案", "Unmerge"),
    "move.take_in": ("并入一案", "Took in another"),
    "move.let_go": ("拆出一案", "Let one go"),
    "move.void": ("作废", "Void"),
    "move.reopen": ("重新办理", "Reopen"),
    "move.appeal": ("申诉", "Appeal"),
    "move.hear_appeal": ("裁定申诉", "Hear the appeal"),
    # the hall
    "move.recompute": ("重算时限", "Due time computed again"),
    "move.attach": ("上传附件", "Attached"),
    "move.erase": ("删除个人信息", "Personal data erased"),
    # what moves need
    "need.note": ("说明", "a note"),
    "need.proof": ("处置凭证或说明", "proof or a note"),
    "need.whom": ("承办单位或承办人", "a department or a person"),
    "need.department": ("承办单位", "a department"),
    "need.handler": ("承办人", "a person"),
    "need.answer": ("给群众的答复", "the answer to the citizen"),
    "need.hours": ("延长的小时数", "more hours"),
    "need.until": ("挂账截止时间（一年以内）", "until when (a year at most)"),
    "need.satisfaction": ("满意度（1–5）", "satisfaction (1–5)"),
    "need.score": ("得分（0–100）", "a score (0–100)"),
    "need.into": ("并入的案件号", "the case to merge into"),
    "need.owners": ("各承办单位及其时限（小时）", "the departments, and hours for each"),
    "need.granted": ("是否准予", "granted or not"),
    "need.names": ("要删除的信息项", "what is to be erased"),
    "need.response": ("响应级别", "a response level"),
    # how an order stands
    "order.sent": ("已派出", "sent"),
    "order.reached": ("已送达", "reached"),
    "order.accepted": ("已接单", "accepted"),
    "order.rejected": ("已拒单", "rejected"),
    # how a case ended
    "outcome.closed": ("办结", "closed"),
    "outcome.on_spot": ("当场办结", "solved on the spot"),
    "outcome.void": ("作废", "void"),
    "outcome.merged": ("并案", "merged"),
    # what is waiting to be decided
    "pending.extend": ("延期待批", "extension asked for"),
    "pending.park": ("挂账待批", "parking asked for"),
    "pending.appeal": ("申诉待裁", "appeal to be heard"),
    "pending.joint": ("联席会议中", "joint meeting"),
    "pending.claim": ("已认领", "claimed"),
    # marks
    "mark.pingpong": ("反复退回", "going to and fro"),
    "mark.exempt": ("免责", "exempt"),
    "mark.parked": ("挂账", "parked"),
    # who writes besides people
    "role.system": ("本系统", "the hall"),
} | {f"refusal.{code}": pair for code, pair in REFUSED.items()}

#: language → code of NotAllowed → sentence, with {braces} for its values.
REFUSALS: dict[str, dict[str, str]] = {
    lang: {code: pair[column] for code, pair in REFUSED.items()} for column, lang in enumerate(("zh", "en"))
}
