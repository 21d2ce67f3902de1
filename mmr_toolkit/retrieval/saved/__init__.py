"""A retriever in a folder."""
