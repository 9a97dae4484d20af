"""HOW WELL CALLERS ARE UNDERSTOOD: material that nothing was trained or tuned with, put through the product, and counted."""
