"""Who asks for a disclosure. By itself, so that the command line knows the words without loading what answers them."""

from __future__ import annotations

from enum import Enum


class Requester(Enum):
    """Who asks, in the words of 法76条."""

    SELF = "本人"
    LEGAL_REPRESENTATIVE = "法定代理人"
    AGENT = "任意代理人"
