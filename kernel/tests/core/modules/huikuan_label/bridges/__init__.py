"""What label does where another module is enabled too."""
