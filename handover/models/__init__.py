"""What people write down at work, by notebook."""

from .cases import Case, CaseNote, CaseState, CaseStep, Finding
from .log import LONGEST_NOTE, Handover, HandoverItem, ItemAction, ItemEvent, ItemState
from .orders import Attribution, ClaimState, Order, OrderClaim, OrderFact, OrderShare
from .readings import Reading, ReadingKind, ReadingSource, ReadingState
from .register import SETTLED, HandIn, Issue, Matter, MatterState, MatterStep
from .search import SearchKind, SearchText
from .statistics import ServiceStatistic, StatisticSource
from .take_backs import TakeBack, is_taken_back
from .training import Attempt, Launch, Learner, LearntPoint, Mentorship, MentorshipState, Question
from .weekly import Meeting, MeetingPart, MeetingPerson, WeeklySummary

__all__ = [
    "LONGEST_NOTE",
    "SETTLED",
    "Attempt",
    "Attribution",
    "Case",
    "CaseNote",
    "CaseState",
    "CaseStep",
    "ClaimState",
    "Finding",
    "HandIn",
    "Handover",
    "HandoverItem",
    "Issue",
    "ItemAction",
    "ItemEvent",
    "ItemState",
    "Launch",
    "Learner",
    "LearntPoint",
    "Matter",
    "MatterState",
    "MatterStep",
    "Meeting",
    "MeetingPart",
    "MeetingPerson",
    "Mentorship",
    "MentorshipState",
    "Order",
    "OrderClaim",
    "OrderFact",
    "OrderShare",
    "Question",
    "Reading",
    "ReadingKind",
    "ReadingSource",
    "ReadingState",
    "SearchKind",
    "SearchText",
    "ServiceStatistic",
    "StatisticSource",
    "TakeBack",
    "WeeklySummary",
    "is_taken_back",
]
