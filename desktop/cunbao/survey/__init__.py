"""Forms, answers, checks and indicators. Pure: no clock, no disk but the task folder, no Qt, no SQL."""
