"""One module a picture; what several of them need is in `tools`."""
