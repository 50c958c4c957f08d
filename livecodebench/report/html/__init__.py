"""The report as one HTML file that needs no network: data is from livecodebench.report.data, drawn here."""
