"""Words of the people: signing in and out, what one may not do, passwords that are too weak."""

from __future__ import annotations

__all__ = ["PEOPLE"]

PEOPLE: dict[str, tuple[str, str]] = {
    # the page
    "people.sign_in": ("登录", "Sign in"),
    "people.name": ("账号", "Name"),
    "people.password": ("密码", "Password"),
    "people.enter": ("登录", "Sign in"),
    "people.sign_out": ("退出", "Sign out"),
    "people.you_are": ("您已登录：{name}({role})。", "You are signed in as {name} ({role})."),
    "people.elsewhere": ("统一身份认证", "Sign in with the city's own account"),
    "people.or": ("或", "or"),
    "people.notice": ("本系统的每一次操作均被记录。", "Everything that is done here is written down."),
    # refused at the door
    "people.wrong": ("账号或密码不正确。", "The name or the password is not right."),
    "people.wait": (
        "尝试次数过多，请在 {minutes} 分钟后再试。",
        "Too many tries. Please try again in {minutes} min.",
    ),
    "people.ended": ("登录已结束，请重新登录。", "Your session has ended; please sign in again."),
    "people.unreachable": (
        "统一身份认证暂时无法使用，请用账号密码登录。",
        "The city's own sign-in does not answer just now; please use name and password.",
    ),
    "people.no_account": (
        "{name} 已通过身份认证，但本系统没有分配角色。请联系管理员。",
        "{name} was recognised, but has no role in this hall. Please ask an administrator.",
    ),
    "people.oidc_refused": ("身份认证未成功，请重试。", "The sign-in did not succeed; please try again."),
    # what one may not do
    "people.unknown": ("请先登录，或附上有效的访问密钥。", "Please sign in first, or send a key that is good."),
    "people.key": ("此密钥在本系统无效。", "This key is not good here."),
    "people.not_yours": (
        "您的角色({role})没有此权限：{what}。",
        "Your role ({role}) may not do this: {what}.",
    ),
    "people.not_your_order": (
        "该案件的任务不在您的单位。",
        "The order of this case is not your department's.",
    ),
    "people.out_of_scope": ("不在您的管辖范围内。", "This lies outside your area."),
    "people.elsewhere_page": (
        "此请求不是从本系统的页面发出的，已拒绝。程序请使用访问密钥。",
        "This was not asked for by a page of this hall, so it was refused. Programs use a key.",
    ),
    "people.wall_ended": ("本屏幕的通行证已停用", "This wall's pass has been taken back"),
    "people.wall_ended.do": (
        "请管理员签发新的通行证：gridhall user wall",
        "An administrator makes a new one: gridhall user wall",
    ),
    # what a capability is called
    "may.wall": ("查看大屏", "see the wall"),
    "may.lists": ("查看明细", "see lists"),
    "may.cases": ("查看案件", "see cases"),
    "may.personal": ("查看上报人信息", "see who reported"),
    "may.report": ("上报案件", "report a case"),
    "may.move": ("办理案件", "move a case"),
    "may.attach": ("上传附件", "add photos and papers"),
    "may.kpi": ("查看指标", "see indicators"),
    "may.feeds": ("查看接入状态", "see the feeds"),
    "may.audit": ("审计", "audit"),
    "may.people": ("管理账号", "manage accounts"),
    # roles
    "seat.simulated": ("模拟", "simulated"),
    "seat.demo": ("演示", "demo"),
    "seat.shell": ("命令行", "command line"),
    "role.worker": ("网格员", "grid worker"),
    "role.dispatcher": ("调度员", "dispatcher"),
    "role.department": ("职能部门", "department"),
    "role.verifier": ("核查员", "verifier"),
    "role.assessor": ("考评员", "assessor"),
    "role.leader": ("领导", "leader"),
    "role.wall": ("大屏", "wall"),
    "role.auditor": ("审计员", "auditor"),
    "role.admin": ("管理员", "administrator"),
    "role.source": ("系统", "system"),
    # passwords
    "password.short": ("密码至少 {shortest} 个字符。", "A password has at least {shortest} characters."),
    "password.long": ("密码最多 {longest} 个字符。", "A password has at most {longest} characters."),
    "password.plain": ("密码太容易猜到。", "This password is too easy to guess."),
    "password.name": ("密码不能包含账号。", "A password does not contain the name."),
}
