from complaints.models.complaint import Complaint, ComplaintKind, ComplaintSubject, ConfirmMeans
from complaints.models.investigation import Hearing, InvestigationRecord, NotHeardBecause, RecordKind
from complaints.models.outcome import Apology, ApologyKind, Correction, Finding, Sanction, SanctionKind
from complaints.pending import PendingFile

__all__ = [
    "Apology",
    "ApologyKind",
    "Complaint",
    "ComplaintKind",
    "ComplaintSubject",
    "ConfirmMeans",
    "Correction",
    "Finding",
    "Hearing",
    "InvestigationRecord",
    "NotHeardBecause",
    "PendingFile",
    "RecordKind",
    "Sanction",
    "SanctionKind",
]
