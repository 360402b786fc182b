"""What our views cost in JupyterLab, beside what one would use instead; run by ``views.py``."""
