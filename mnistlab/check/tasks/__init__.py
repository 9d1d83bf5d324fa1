"""One module for each task, with its public checkers on top."""
