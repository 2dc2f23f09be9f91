"""What a month was worth: metrics, scoring, the monthly run, scorecards and the supervisor's judgement."""
