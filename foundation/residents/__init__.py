import os

# Read by pypinyin when it is first imported: its dictionary of phrases costs each process 46 MB and holds no names.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
