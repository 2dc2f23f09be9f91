"""The three notebooks: issue register, service statistics, handover log; and ending a shift."""
