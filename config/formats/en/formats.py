"""The 24-hour clock and short dates without the year. What is not named here is as Django has it for English."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "N j, Y, H:i"
# Rows of lists; where the year matters a page uses the long form.
SHORT_DATE_FORMAT = "N j"
SHORT_DATETIME_FORMAT = "N j, H:i"
