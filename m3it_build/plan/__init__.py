"""From names and folders to planned splits: which tasks, which layouts, which rows."""
