"""The verbs of the complaint procedure: one file each."""
