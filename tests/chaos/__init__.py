"""What the test of chaos is made of: a load, those who start and kill processes, and what must be true afterwards."""
