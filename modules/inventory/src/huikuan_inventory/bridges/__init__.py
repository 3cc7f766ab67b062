"""What inventory does where other modules are enabled too."""
