"""Reports made of views."""
