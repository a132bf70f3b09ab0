"""The long explanations of codes, one Markdown file a family."""
