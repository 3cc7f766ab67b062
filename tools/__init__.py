"""What the workspace itself needs: pins, import contracts. Nothing here is installed."""
