"""Who is calling: passwords, signed access tokens, refresh tokens, API keys, external issuers, throttling."""
