"""The only place that sees all packages: pure steps, and the engines that run them."""
