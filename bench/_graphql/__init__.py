"""The parts of ``bench graphql``; several of them are also run as processes of their own."""
