"""Bank statements: their lines are kept, what they pay is found and posted, and can be taken back."""
