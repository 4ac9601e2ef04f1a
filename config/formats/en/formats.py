"""The 24-hour clock and short dates without the year. What is not named here is as Django has it for English."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "N j, Y, H:i"
# For foundation/dates.py, which puts the year where it is not the present one.
SHORT_DATE_FORMAT = "N j"
SHORT_DATETIME_FORMAT = "N j, H:i"
