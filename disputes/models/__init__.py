"""The tables of the disputes room: routes as data, disputes with their lines and stays, questions with answers."""

from disputes.models.approval import Approval, ApprovalLimit, ApprovalRule, ApprovalVote, Tolerance
from disputes.models.credit import CreditArrival, CreditRequest, CreditRequestLine
from disputes.models.dispute import Counter, Dispute, DisputeLine
from disputes.models.evidence import Evidence
from disputes.models.handing import AlertSent, HandOver
from disputes.models.life import Outcome, Participation, Stay
from disputes.models.mail import NewDraft, TakenMail
from disputes.models.mass import Mass
from disputes.models.nudge import AnswerLink, Nudge
from disputes.models.offer import Offer
from disputes.models.outside import ExternalCode, Told
from disputes.models.passing import PutOff, QuestionPass
from disputes.models.priority import PriorityWeights
from disputes.models.promise import InternalPromise
from disputes.models.question import Answer, Question
from disputes.models.route import Move, Reason, Route, RouteVersion, Stage
from disputes.models.rule import RouteRule
from disputes.models.running import BranchRun
from disputes.models.search import SearchText
from disputes.models.stage import QuestionTemplate, StageAlert, StageBranch, StageSend
from disputes.models.template import AskTemplate
from disputes.models.triage import Macro, SavedView

__all__ = [
    "AlertSent",
    "Answer",
    "AnswerLink",
    "Approval",
    "ApprovalLimit",
    "ApprovalRule",
    "ApprovalVote",
    "AskTemplate",
    "BranchRun",
    "Counter",
    "CreditArrival",
    "CreditRequest",
    "CreditRequestLine",
    "Dispute",
    "DisputeLine",
    "Evidence",
    "ExternalCode",
    "HandOver",
    "InternalPromise",
    "Macro",
    "Mass",
    "Move",
    "NewDraft",
    "Nudge",
    "Offer",
    "Outcome",
    "Participation",
    "PriorityWeights",
    "PutOff",
    "Question",
    "QuestionPass",
    "QuestionTemplate",
    "Reason",
    "Route",
    "RouteRule",
    "RouteVersion",
    "SavedView",
    "SearchText",
    "Stage",
    "StageAlert",
    "StageBranch",
    "StageSend",
    "Stay",
    "TakenMail",
    "Told",
    "Tolerance",
]
