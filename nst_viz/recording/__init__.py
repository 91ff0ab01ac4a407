"""From a stream of Iterates to a run's folder, and from the folder back to data."""
