"""IPTC records (captions, credits, keywords of press agencies) inside Photoshop's resources, as JPEGs hold them.

A resource is `8BIM`, its number, a name of even length, its size and its data, padded to even length (Photoshop file format).
"""

from __future__ import annotations

import struct

PHOTOSHOP_START = b"Photoshop 3.0\0"
_SIGNATURE = b"8BIM"
_IPTC = 0x0404
_RECORD_MARK = 0x1C
MOST_IN_JPEG = 65533 - len(PHOTOSHOP_START) - 14


def iptc_of_resources(resources: bytes) -> bytes:
    """The IPTC records in Photoshop's resources; empty where there are none or the resources are damaged."""
    place = 0
    while resources[place : place + 4] == _SIGNATURE and len(resources) >= place + 12:
        (number,) = struct.unpack_from(">H", resources, place + 4)
        name = 1 + resources[place + 6]
        place += 6 + name + name % 2
        if len(resources) < place + 4:
            break
        (size,) = struct.unpack_from(">I", resources, place)
        data = resources[place + 4 : place + 4 + size]
        if number == _IPTC:
            return sound_iptc(data) if len(data) == size else b""
        place += 4 + size + size % 2
    return b""


def sound_iptc(records: bytes) -> bytes:
    """The records if they begin as such, else nothing."""
    return records if records[:1] == bytes((_RECORD_MARK,)) else b""


def resources_with_iptc(records: bytes) -> bytes:
    """Photoshop's resources with nothing but these records."""
    return _SIGNATURE + struct.pack(">HHI", _IPTC, 0, len(records)) + records + bytes(len(records) % 2)
