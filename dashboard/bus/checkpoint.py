"""Checkpoint: a fold's state and its place in the streams, saved in one step by the one who holds the lease."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.bus.streams import START, STREAMS

__all__ = ["EPOCH", "POSITIONS", "Checkpoint", "Lease"]

#: Fields of the checkpoint that are ours; a fold names its own otherwise.
POSITIONS, EPOCH = "positions", "epoch"

# KEYS lease, epoch; ARGV owner, ms
_ACQUIRE = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return false end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('INCR', KEYS[2])
"""

# KEYS lease, epoch, ...; ARGV owner, ms, epoch, ...; answers 1 for each that is still ours. A lease that ran out unseen
# is ours as long as nobody raised the epoch.
_RENEW = """
local ours = {}
for i = 1, #KEYS / 2 do
  local lease, epoch = KEYS[2 * i - 1], KEYS[2 * i]
  local owner = redis.call('GET', lease)
  if (owner and owner ~= ARGV[1]) or redis.call('GET', epoch) ~= ARGV[i + 2] then
    ours[i] = 0
  else
    redis.call('SET', lease, ARGV[1], 'PX', ARGV[2])
    ours[i] = 1
  end
end
return ours
"""

# KEYS lease, epoch; ARGV owner, epoch
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
return redis.call('DEL', KEYS[1])
"""

# KEYS checkpoint, epoch, streams to trim ...; ARGV epoch, number of fields, field, value, ..., first id to keep of each
# stream ..., fields to drop ...
_SAVE = """
local epoch = tonumber(ARGV[1])
local stored = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0')
if epoch < stored or epoch < tonumber(redis.call('GET', KEYS[2]) or '0') then return 0 end
local last = 2 + 2 * tonumber(ARGV[2])
if last > 2 then redis.call('HSET', KEYS[1], unpack(ARGV, 3, last)) end
for i = 3, #KEYS do redis.call('XTRIM', KEYS[i], 'MINID', ARGV[last + i - 2]) end
for i = last + #KEYS - 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1])
return 1
"""


class Lease:
    """The right to fold a district: runs out by itself, and every new holder has a higher epoch."""

    def __init__(self, redis: Redis, district: str, owner: str, seconds: float) -> None:
        self.district, self.owner, self.epoch = district, owner, 0
        self._ms = int(seconds * 1000)
        self._keys = [keys.lease(district), keys.epoch(district)]
        self._acquire, self._renew, self._release = map(redis.register_script, (_ACQUIRE, _RENEW, _RELEASE))

    def acquire(self) -> int | None:
        """The epoch to save with; None while somebody else holds the district."""
        epoch = cast("int | None", self._acquire(self._keys, [self.owner, self._ms]))
        self.epoch = epoch or 0
        return epoch

    def renew(self) -> bool:
        """False: the district is another's now; drop its state and write nothing more."""
        (ours,) = cast("list[int]", self._renew(self._keys, [self.owner, self._ms, self.epoch]))
        return bool(ours and self.epoch)

    @staticmethod
    def renew_all(pipe: Any, leases: Sequence[Lease]) -> None:
        """`renew` of all that one owner holds, as a command of a pipeline: it answers 1 for each that is still ours."""
        names = [name for lease in leases for name in lease._keys]
        pipe.eval(_RENEW, len(names), *names, leases[0].owner, leases[0]._ms, *(lease.epoch for lease in leases))

    def release(self) -> None:
        if self.epoch:
            self._release(self._keys, [self.owner, self.epoch])
        self.epoch = 0


class Checkpoint:
    """The saved state of one district: a hash of named fields."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis, self.district = redis, district
        self._key = keys.checkpoint(district)
        self._save = redis.register_script(_SAVE)

    def load(self) -> dict[str, bytes]:
        """All fields, ours (POSITIONS, EPOCH) among them; {} when nothing was ever saved."""
        fields = cast("dict[bytes, bytes]", self._redis.hgetall(self._key))
        return {name.decode(): value for name, value in fields.items()}

    def save(
        self,
        fields: Mapping[str, bytes],
        drop: Iterable[str] = (),
        epoch: int = 0,
        positions: Mapping[str, str] | None = None,
        trim: bool = False,
    ) -> bool:
        """Write `fields` and forget `drop`, all or nothing. False: a later owner has the district, so nothing was.

        trim: in the same step the streams forget the entries up to `positions`, which what is saved has folded.
        """
        written: dict[str, Any] = dict(fields)
        if positions is not None:
            written[POSITIONS] = json.dumps(dict(positions))
        pairs = [word for pair in written.items() for word in pair]
        behind = {kind: _after(place) for kind, place in (positions or {}).items() if trim and place != START}
        names = [self._key, keys.epoch(self.district), *(STREAMS[kind](self.district) for kind in behind)]
        return bool(self._save(names, [epoch, len(written), *pairs, *behind.values(), *drop]))


def _after(place: str) -> str:
    ms, _, number = place.partition("-")
    return f"{int(ms)}-{int(number or 0) + 1}"
