"""The relational store: what people and machines decide, and which slice is current."""
