"""What every app uses and that knows none of them: audit, jobs, notices, triggers, clock, money, months."""
