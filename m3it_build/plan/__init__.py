"""From names and folders to planned splits: which tasks, by which rules, which layouts, which rows."""
