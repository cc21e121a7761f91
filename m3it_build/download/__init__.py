"""What each task needs is fetched: the table of files, the plan of a download, and who carries it out."""
