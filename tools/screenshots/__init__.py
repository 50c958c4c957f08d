"""Pictures of what runs, for the documentation: each of a real run, and each made by a command.

    python -m tools.screenshots ray-dashboard --url URL --out FOLDER      of a Ray cluster that is there, at work
    python -m tools.screenshots local --out FOLDER                        brings a Ray of its own, and work for it
    python -m tools.screenshots kind --out FOLDER                         brings work for what `cluster up` has made

Chromium and chromedriver are needed on the PATH (Debian: chromium, chromium-driver). The pictures of the HTML report
are made by tools.report.
"""
