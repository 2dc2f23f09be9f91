"""Dates as Chinese writes them beside figures: a space between the figure and the character."""

YEAR_MONTH_FORMAT = "Y 年 n 月"
