"""From runs' folders to pages in a browser, and from what is asked there to a worker process that records more runs."""
