"""What people and programs touch: the command line, the HTTP service, and the wiring behind both."""
