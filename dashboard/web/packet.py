"""Packet: a Socket.IO packet as one MessagePack message: a frame's bytes travel in it, not as a second one after it."""

from __future__ import annotations

from typing import Any

import msgspec
from socketio import packet

from dashboard.web.wire import plain

__all__ = ["OnePacket"]

_encoder = msgspec.msgpack.Encoder(enc_hook=plain)
_decoder = msgspec.msgpack.Decoder()


class OnePacket(packet.Packet):
    """As socket.io-msgpack-parser reads and writes it: {type, nsp, data, id}, without what is absent."""

    uses_binary_events = False

    def encode(self) -> bytes:
        said = {"type": self.packet_type, "nsp": self.namespace or "/", "data": self.data, "id": self.id}
        return _encoder.encode({name: value for name, value in said.items() if value is not None})

    def decode(self, encoded_packet: Any) -> int:
        """Raises ValueError for what is no packet; the line is then closed."""
        said = _decoder.decode(encoded_packet)
        if not isinstance(said, dict) or not isinstance(said.get("type"), int) or not isinstance(said.get("nsp"), str):
            raise ValueError("this is no Socket.IO packet")
        self.packet_type, self.namespace = said["type"], said["nsp"]
        self.data, self.id = said.get("data"), said.get("id")
        return 0  # messages that follow with the rest of it
