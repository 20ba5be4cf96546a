"""Programs of the project itself: the demo, generated pages, images."""
