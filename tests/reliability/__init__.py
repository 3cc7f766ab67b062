"""What the tests of bad clients, bad modules and bad luck share."""
