"""One module a stage: read what is there, let the core think, write the stage's own slice."""
