"""Reaching people: of what, over which channel, when. The wishes and the rule; who carries it stands above."""
