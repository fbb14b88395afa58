"""Jobs that are submitted again and again, by cron or interval."""
