"""The company's data: look-ups by name, each with a declared signature, none of which can hang a call."""
