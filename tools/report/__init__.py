"""The HTML report in a real browser: checks, and the screenshots of the documentation.

    python -m tools.report check                  everything that only a browser can tell
    python -m tools.report screenshots            writes docs/images

Both need chromium and chromedriver on the PATH (Debian: chromium, chromium-driver), and use no network. They are no
part of the tests that a change must pass: those must not fail for want of a browser.
"""
