"""Parts of the bench of receivables."""
