"""From a run's folder to things to look at: sheets, animations, storyboards, players."""
