"""Parts of the bench from order to cash."""
