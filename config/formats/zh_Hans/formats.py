"""Dates as offices write them. What is not named here is as Django has it for simplified Chinese.

The words for month and day are escaped because code stays English.
"""

MONTH_DAY_FORMAT = "n\u6708j\u65e5"
# For foundation/dates.py, which puts the year where it is not the present one.
SHORT_DATE_FORMAT = "n\u6708j\u65e5"
SHORT_DATETIME_FORMAT = "n\u6708j\u65e5 H:i"
