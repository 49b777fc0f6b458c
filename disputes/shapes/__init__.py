"""The shapes of the disputes API: what goes out, and what comes in. No rules."""

from disputes.shapes.dispute import (
    AssignIn,
    ClassifyIn,
    CloseIn,
    DisputeIn,
    DisputeLineIn,
    DisputeLineOut,
    DisputeOut,
    LinesIn,
    MoveIn,
    NoteIn,
    OutcomeOut,
)
from disputes.shapes.questions import (
    AnswerIn,
    AnswerOut,
    ChoiceIn,
    QuestionIn,
    QuestionOut,
)
from disputes.shapes.routes import (
    MoveOut,
    ReasonOut,
    RouteOut,
    StageOut,
    TemplateOut,
    VersionOut,
)

__all__ = [
    "AnswerIn",
    "AnswerOut",
    "AssignIn",
    "ChoiceIn",
    "ClassifyIn",
    "CloseIn",
    "DisputeIn",
    "DisputeLineIn",
    "DisputeLineOut",
    "DisputeOut",
    "LinesIn",
    "MoveIn",
    "MoveOut",
    "NoteIn",
    "OutcomeOut",
    "QuestionIn",
    "QuestionOut",
    "ReasonOut",
    "RouteOut",
    "StageOut",
    "TemplateOut",
    "VersionOut",
]
