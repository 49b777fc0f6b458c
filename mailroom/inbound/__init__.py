"""Mail that comes in: read, cut into what is new and what is quoted, told apart from what machines send."""
