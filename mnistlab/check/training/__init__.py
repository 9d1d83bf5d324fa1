"""Watches a training, and recognises its updates and the averages that it returns."""
