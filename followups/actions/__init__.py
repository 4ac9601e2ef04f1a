"""The verbs of the follow-up."""
