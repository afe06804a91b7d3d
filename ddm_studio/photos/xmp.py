"""The XMP packet of a photo: kept to the byte but for what turning the pixels upright makes untrue.

The packet is edited as text, not parsed and written anew, which would rename its prefixes and lose its layout.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

_NAMESPACES = {
    b"tiff": b"http://ns.adobe.com/tiff/1.0/",
    b"exif": b"http://ns.adobe.com/exif/1.0/",
    b"xmp": b"http://ns.adobe.com/xap/1.0/",
    b"crs": b"http://ns.adobe.com/camera-raw-settings/1.0/",
    b"xmpNote": b"http://ns.adobe.com/xmp/note/",
}


class XmpError(ValueError):
    """The packet cannot be used."""


def checked_xmp(packet: bytes) -> bytes:
    """The packet, if it is sound XML in UTF-8.

    Raises:
        XmpError: It is not, in words.
    """
    packet = packet.rstrip(b"\0")
    if b"\0" in packet:
        raise XmpError("it is not in UTF-8")
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        raise XmpError("it declares what XMP may not")
    try:
        ElementTree.fromstring(packet)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise XmpError(str(error)) from error
    return packet


def upright_xmp(packet: bytes, width: int, height: int, was_turned_by_exif: bool) -> bytes:
    """The packet for upright pixels: their size, no thumbnail of the blurry photo, and orientation 1.

    Where EXIF said nothing of an orientation the pixels were not turned, and what the packet says of it stays true.
    """
    sizes = ((b"tiff", b"ImageWidth", width), (b"tiff", b"ImageLength", height))
    shot_sizes = ((b"exif", b"PixelXDimension", width), (b"exif", b"PixelYDimension", height))
    orientation = ((b"tiff", b"Orientation", 1),) if was_turned_by_exif else ()
    for prefix, name, number in (*orientation, *sizes, *shot_sizes):
        packet = _with_number(packet, _prefix(packet, prefix) + b":" + name, number)
    packet = _without(packet, _prefix(packet, b"xmp") + b":Thumbnails")
    # The extension itself, which a JPEG keeps in other segments, is not carried.
    return _without(packet, _prefix(packet, b"xmpNote") + b":HasExtendedXMP")


def without_development(packet: bytes) -> bytes:
    """The packet of a raw without a converter's settings, which would be applied a second time to developed pixels."""
    return _without(packet, _prefix(packet, b"crs") + rb":\w+")


def _prefix(packet: bytes, usual: bytes) -> bytes:
    found = re.search(rb"xmlns:([\w.-]+)\s*=\s*[\"']%s[\"']" % re.escape(_NAMESPACES[usual]), packet)
    return found[1] if found else usual


def _with_number(packet: bytes, name: bytes, number: int) -> bytes:
    """The value of a property replaced, be it an attribute or an element."""
    text = str(number).encode()
    packet = re.sub(rb"(\s%s\s*=\s*)([\"'])[^\"'<]*\2" % name, rb"\g<1>\g<2>%s\g<2>" % text, packet)
    return re.sub(rb"(<%s\s*>)[^<]*(</%s\s*>)" % (name, name), rb"\g<1>%s\g<2>" % text, packet)


def _without(packet: bytes, name: bytes) -> bytes:
    """A property removed; `name` may be a pattern."""
    packet = re.sub(rb"<(%s)(\s[^<>]*)?>.*?</\1\s*>" % name, b"", re.sub(rb"<(%s)(\s[^<>]*)?/>" % name, b"", packet), flags=re.DOTALL)
    return re.sub(rb"\s%s\s*=\s*(\"[^\"<]*\"|'[^'<]*')" % name, b"", packet)
