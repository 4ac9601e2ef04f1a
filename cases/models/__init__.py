from cases.models.answer import Answer
from cases.models.attachment import Attachment
from cases.models.case import Case, CaseNumberCounter
from cases.models.deadline import CaseDeadline
from cases.models.lookup import StatusLookup
from cases.models.part import Part
from cases.models.recomputation import HallClocks, MovedClock, Recomputation
from cases.models.slip import TransferSlip
from cases.models.supervision import SupervisionNotice
from cases.models.suspension import Extension, Pause
from cases.models.visit import CaseVisit

__all__ = [
    "Answer",
    "Attachment",
    "Case",
    "CaseDeadline",
    "CaseNumberCounter",
    "CaseVisit",
    "Extension",
    "HallClocks",
    "MovedClock",
    "Part",
    "Pause",
    "Recomputation",
    "StatusLookup",
    "SupervisionNotice",
    "TransferSlip",
]
