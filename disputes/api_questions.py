"""The API of questions: asking, answering, and everything around them. Each endpoint is one service."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from disputes import selectors, services, shapes
from disputes.choices import Via
from disputes.doors import Door
from disputes.models import Answer, AnswerLink, Question
from disputes.shapes.questions import ChangeIn, ForwardIn, LaterIn, LinkOut, PutOffOut
from lib import clock


class QuestionViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Questions about the disputes you may see, and those put to you."""

    serializer_class = shapes.QuestionOut
    queryset = Question.objects.none()
    filterset_fields = ("dispute", "status", "asked_of")

    def get_queryset(self) -> QuerySet[Question]:
        """Yours only."""
        return selectors.questions_for(self.person)

    @extend_schema(request=shapes.QuestionIn, responses={201: shapes.QuestionOut})
    def create(self, request: Request) -> Response:
        """Ask somebody."""
        people = self.people()
        data = self.shape(
            shapes.QuestionIn, dispute=selectors.disputes_for(self.person), asked_of=people, fallback=people
        )
        question = services.ask_question(by=self.person, at=clock.now(), **data)
        return self.again(question, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.AnswerIn, responses=shapes.QuestionOut)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Answer: the first one wins, the second gets 409 with who it was."""
        question, data = self.get_object(), self.shape(shapes.AnswerIn)
        file = data.pop("file")
        document = services.vet(file, file.name) if file else None
        services.answer_question(
            question_id=question.pk,
            by=self.person,
            at=clock.now(),
            document=document,
            **data,
        )
        return self.again(question)

    @extend_schema(request=ChangeIn, responses=shapes.QuestionOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Change your own answer: for ten minutes, while nothing rests on it; otherwise 409 says why not."""
        question, data = self.get_object(), self.shape(ChangeIn)
        services.change_answer(question_id=question.pk, by=self.person, at=clock.now(), via=Via.API, **data)
        return self.again(question)

    @extend_schema(request=None, responses=shapes.QuestionOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the question back."""
        question = self.get_object()
        services.withdraw_question(question_id=question.pk, by=self.person, at=clock.now())
        return self.again(question)

    @extend_schema(request=ForwardIn, responses=shapes.QuestionOut)
    @action(detail=True, methods=["post"])
    def forward(self, request: Request, pk: str) -> Response:
        """“Not me”: pass the question on to a colleague, with the reason."""
        question, data = self.get_object(), self.shape(ForwardIn, to=self.people())
        services.forward_question(question_id=question.pk, by=self.person, at=clock.now(), **data)
        # A guest who gave it to the team does not see it any more.
        row = selectors.questions_with_context().get(pk=question.pk)
        return Response(self.get_serializer(row).data)

    @extend_schema(request=LaterIn, responses=PutOffOut)
    @action(detail=True, methods=["post"])
    def later(self, request: Request, pk: str) -> Response:
        """Hide the question from your inbox for a while; 409 `past_deadline` unless that is meant."""
        question, data = self.get_object(), self.shape(LaterIn)
        row = services.put_off_question(question_id=question.pk, by=self.person, at=clock.now(), **data)
        return Response(PutOffOut(row).data)

    @extend_schema(request=None, responses=shapes.QuestionOut)
    @action(detail=True, methods=["post"])
    def remind(self, request: Request, pk: str) -> Response:
        """Remind the person asked, now; half an hour after the last time at the earliest."""
        question = self.get_object()
        services.remind_now(question_id=question.pk, by=self.person, at=clock.now())
        return self.again(question)

    @extend_schema(responses=LinkOut(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def links(self, request: Request, pk: str) -> Response:
        """The personal links that were sent: for whom, until when, and how they were used. For whoever decides."""
        question = self.get_object()
        if not policy.may(self.person, "dispute.decide", question.dispute.entity_id):
            self.permission_denied(request)
        return Response(LinkOut(AnswerLink.objects.filter(question=question).order_by("pk"), many=True).data)


class AnswerViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The answers to the questions you may see."""

    serializer_class = shapes.AnswerOut
    queryset = Answer.objects.none()
    filterset_fields = ("question", "question__dispute", "answered_by", "via")

    def get_queryset(self) -> QuerySet[Answer]:
        """Yours only."""
        return Answer.objects.filter(question__in=selectors.questions_for(self.request.user).values("pk"))


def register(router: DefaultRouter) -> None:
    """Put questions and answers under /api/v1/."""
    router.register("questions", QuestionViewSet, basename="question")
    router.register("answers", AnswerViewSet, basename="answer")
