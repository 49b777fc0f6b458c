"""The tables of the disputes room: routes as data, disputes with their lines and stays, questions with answers."""

from disputes.models.dispute import Counter, Dispute, DisputeLine
from disputes.models.evidence import Evidence
from disputes.models.life import Outcome, Participation, Stay
from disputes.models.outside import ExternalCode, Told
from disputes.models.question import Answer, Question
from disputes.models.route import Move, QuestionTemplate, Reason, Route, RouteVersion, Stage
from disputes.models.search import SearchText

__all__ = [
    "Answer",
    "Counter",
    "Dispute",
    "DisputeLine",
    "Evidence",
    "ExternalCode",
    "Move",
    "Outcome",
    "Participation",
    "Question",
    "QuestionTemplate",
    "Reason",
    "Route",
    "RouteVersion",
    "SearchText",
    "Stage",
    "Stay",
    "Told",
]
