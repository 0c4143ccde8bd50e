"""Words of workers, patrol and cameras, and of what has been chosen on the map."""

from __future__ import annotations

__all__ = ["PATROL"]

PATROL: dict[str, tuple[str, str]] = {
    # freshness of a position
    "freshness.fresh": ("在线", "Fresh"),
    "freshness.ageing": ("渐旧", "Ageing"),
    "freshness.old": ("陈旧", "Old"),
    "freshness.lost": ("失联", "Lost"),
    "freshness.never": ("未上线", "Never heard"),
    # containment
    "containment.inside": ("在格", "Inside"),
    "containment.doubtful": ("存疑", "Doubtful"),
    "containment.outside": ("出格", "Outside"),
    "containment.unknown": ("未知", "Unknown"),
    # workers
    "workers.heard": ("{n} 分钟内有定位", "heard of in {n} min"),
    "workers.none": ("本区域没有网格员", "no worker belongs here"),
    # cameras
    "camera.online": ("在线", "Online"),
    "camera.video_lost": ("视频丢失", "Video lost"),
    "camera.offline": ("离线", "Offline"),
    "camera.defect": ("故障", "Defect"),
    "camera.disabled": ("停用", "Disabled"),
    "camera.unknown": ("未知", "Unknown"),
    "cameras.target": ("目标 {percent}", "target {percent}"),
    "cameras.owners": ("在线率最低单位", "worst owners"),
    "cameras.none": ("本区域没有摄像机", "no camera stands here"),
    "outage.platform": ("平台", "Platform"),
    "outage.switch": ("交换机", "Switch"),
    "outage.cameras": ("{n} 路", "{n} cam."),
    # out of grid
    "out.none": ("没有人出格", "nobody is out of grid"),
    "out.from": ("应在 {grid}", "belongs in {grid}"),
    "out.of": ("出格 / 有定位", "outside / heard of"),
    # minutes
    "minutes.reached": ("已达标", "target reached"),
    "minutes.axis": ("完成目标的百分比", "percent of the target"),
    "minutes.none": ("今日尚无巡查", "no patrol yet today"),
    "minutes.people": ("人", "workers"),
    # grids with nobody
    "empty.of": ("无人 / 全部网格", "nobody / all grids"),
    "empty.none": ("每个网格都有人", "somebody in every grid"),
    "empty.open": ("在办 {n}", "{n} open"),
    # cells nobody visited
    "unvisited.of": ("未到 / 全部巡查单元", "not visited / all cells"),
    "unvisited.none": ("全部到过", "all visited"),
    # chosen
    "chosen.none": ("点击地图上的网格员、事件或摄像机", "Click a worker, an event or a camera"),
    "chosen.keys": ("← → 逐个查看 · Esc 取消", "← → next · Esc none"),
    "chosen.worker": ("网格员", "Worker"),
    "chosen.event": ("事件", "Event"),
    "chosen.camera": ("摄像机", "Camera"),
    "chosen.id": ("编号", "Id"),
    "chosen.grid": ("所属网格", "Own grid"),
    "chosen.fix": ("定位", "Position"),
    "chosen.minutes": ("今日巡查", "Patrol today"),
    "chosen.containment": ("在格", "Grid"),
    "chosen.step": ("环节", "Step"),
    "chosen.level": ("层级", "Level"),
    "chosen.band": ("时限", "Time limit"),
    "chosen.place": ("区域", "Area"),
    "chosen.age": ("已历时", "Age"),
    "chosen.state": ("状态", "State"),
    "chosen.owner": ("单位", "Owner"),
    "chosen.since": ("持续", "For"),
    "chosen.platform": ("平台", "Platform"),
    "chosen.switch": ("交换机", "Switch"),
    "chosen.freshness": ("状态", "Freshness"),
    "chosen.doubts": ("存疑", "Doubts"),
    "chosen.states": ("信号", "Signals"),
    "chosen.address": ("地址", "Address"),
    "doubt.mock": ("模拟定位", "mock position"),
    "doubt.teleport": ("位置跳变", "jumped"),
    "doubt.frozen": ("位置不动", "frozen"),
    "doubt.sos": ("求助", "SOS"),
    "doubt.indoor": ("室内", "indoors"),
    # legend
    "legend.fresh": ("在线", "fresh"),
    "legend.ageing": ("渐旧", "ageing"),
    "legend.old": ("陈旧", "old"),
    "legend.lost": ("失联", "lost"),
    "legend.outside": ("出格", "out of grid"),
    "legend.sos": ("求助", "SOS"),
    "legend.unvisited": ("今日未到", "not visited"),
    "legend.camera_off": ("摄像机离线", "camera offline"),
}
