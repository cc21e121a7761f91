"""Pictures and videos: checked, drawn on, and brought to a form that every reader shows alike."""
