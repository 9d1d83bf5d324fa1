"""What a checker says: reports and findings, and the table of mistakes that they name."""
