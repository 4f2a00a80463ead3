"""What the Makefile runs: setting a checkout up, the demo, the checks. Standard library only.

`bootstrap` runs with whatever Python 3.10 or later the machine has and brings the checkout to
where everything else can run in `.venv`. Nothing here is part of the distributed package.
"""
