"""What leaves the machine: dataset card, Croissant, push to the Hub; all of it from the manifests alone."""
