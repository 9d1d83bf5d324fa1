"""Watches a training, and recognizes its updates and the averages that it returns."""
