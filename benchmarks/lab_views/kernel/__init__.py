"""What runs in the kernel of the notebook: each view, and the jobs it shows."""
