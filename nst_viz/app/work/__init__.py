"""What computes: jobs as files, the worker process that does them, and how a run stands. No page is known here."""
